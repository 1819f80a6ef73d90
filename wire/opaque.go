package wire

// Experimental is subtype 15, for private use (IANA registry MPTCP Option Subtypes): its meaning is its users' own.
type Experimental struct {
	Nibble uint8  `json:"nibble,omitempty"` // the four bits beside the subtype
	Body   []byte `json:"-"`                // the bytes behind them; after a parse it aliases the input
}

// Unknown is an option of any subtype, not decoded. Option.Decode uses it for subtypes 9 to 14.
type Unknown struct {
	Subtype Subtype `json:"subtype"`
	Nibble  uint8   `json:"nibble,omitempty"` // the four bits beside the subtype
	Body    []byte  `json:"-"`                // the bytes behind them; after a parse it aliases the input
}

// maxBody keeps the option within what its length byte can tell. A TCP header has room for less: 37 bytes.
const maxBody = 255 - minLength

// ParseExperimental reads the whole option b into e. The error is ErrKind, ErrSubtype or ErrLength.
func ParseExperimental(b []byte, e *Experimental) error {
	*e = Experimental{}
	if err := check(b, SubtypeExperimental); err != nil {
		return err
	}
	e.Nibble, e.Body = b[2]&15, body(b)
	return nil
}

// AppendExperimental appends the option e describes; a Body above 252 bytes or a Nibble above 15 appends
// nothing.
func AppendExperimental(b []byte, e *Experimental) []byte {
	return AppendUnknown(b, &Unknown{Subtype: SubtypeExperimental, Nibble: e.Nibble, Body: e.Body})
}

// ParseUnknown reads the whole option b, of any subtype, into u. The error is ErrKind or ErrLength.
func ParseUnknown(b []byte, u *Unknown) error {
	*u = Unknown{}
	s := Option(b).Subtype()
	if err := check(b, s); err != nil {
		return err
	}
	*u = Unknown{Subtype: s, Nibble: b[2] & 15, Body: body(b)}
	return nil
}

// body is cut so that an append by the caller cannot reach the options behind it.
func body(b []byte) []byte { return b[minLength:len(b):len(b)] }

// AppendUnknown appends the option u describes; a Body above 252 bytes, a Subtype or a Nibble above 15 appends
// nothing.
func AppendUnknown(b []byte, u *Unknown) []byte {
	if u.Subtype > 15 || u.Nibble > 15 || len(u.Body) > maxBody {
		return b
	}
	return append(appendHead(b, minLength+len(u.Body), u.Subtype, u.Nibble), u.Body...)
}

// String is the option as [Option.String] shows it.
func (e *Experimental) String() string { return string(e.appendText(nil)) }

func (e *Experimental) appendText(b []byte) []byte {
	return appendOpaque(b, SubtypeExperimental, e.Nibble, e.Body)
}

// String is the option as [Option.String] shows it.
func (u *Unknown) String() string { return string(u.appendText(nil)) }

func (u *Unknown) appendText(b []byte) []byte { return appendOpaque(b, u.Subtype, u.Nibble, u.Body) }

func appendOpaque(b []byte, s Subtype, nibble uint8, body []byte) []byte {
	b = s.appendText(b)
	if nibble != 0 {
		b = appendHex(b, " nibble=", uint64(nibble), 1)
	}
	return appendBytes(b, " ", body)
}
