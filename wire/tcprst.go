package wire

// MPTCPRst is MP_TCPRST: it says in a RST why the subflow was reset (RFC 8684 section 3.6; not in v0).
type MPTCPRst struct {
	U         bool        `json:"u,omitempty"` // U, V and W have no meaning yet
	V         bool        `json:"v,omitempty"`
	W         bool        `json:"w,omitempty"`
	Transient bool        `json:"transient,omitempty"` // bit T: trying again later may work
	Reason    ResetReason `json:"reason"`
}

const tcpRstLength = 4

// ParseMPTCPRst reads the whole option b into r. The error is ErrKind, ErrSubtype or ErrLength.
func ParseMPTCPRst(b []byte, r *MPTCPRst) error {
	*r = MPTCPRst{}
	if err := check(b, SubtypeMPTCPRst); err != nil {
		return err
	}
	if len(b) != tcpRstLength {
		return lengthError(SubtypeMPTCPRst)
	}
	r.U, r.V, r.W, r.Transient = b[2]&8 != 0, b[2]&4 != 0, b[2]&2 != 0, b[2]&1 != 0
	r.Reason = ResetReason(b[3])
	return nil
}

// AppendMPTCPRst appends the option r describes.
func AppendMPTCPRst(b []byte, r *MPTCPRst) []byte {
	low := bit(r.U)<<3 | bit(r.V)<<2 | bit(r.W)<<1 | bit(r.Transient)
	return append(appendHead(b, tcpRstLength, SubtypeMPTCPRst, low), byte(r.Reason))
}

// String is the option as [Option.String] shows it.
func (r *MPTCPRst) String() string { return string(r.appendText(nil)) }

func (r *MPTCPRst) appendText(b []byte) []byte {
	b = append(b, `MP_TCPRST reason="`...)
	b = r.Reason.appendText(b)
	b = append(b, '"')
	b = appendWord(b, r.Transient, " transient")
	b = appendWord(b, r.U, " U")
	b = appendWord(b, r.V, " V")
	return appendWord(b, r.W, " W")
}
