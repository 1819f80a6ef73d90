package wire

import (
	"encoding/binary"
	"fmt"
)

// JoinForm tells which segment of the handshake an MP_JOIN belongs to; the option's length decides.
type JoinForm uint8

const (
	JoinSYN    JoinForm = iota + 1 // 12 bytes: token and nonce
	JoinSYNACK                     // 16 bytes: truncated HMAC and nonce
	JoinACK                        // 24 bytes: the HMAC
)

var (
	joinNames   = [...]string{JoinSYN: "syn", JoinSYNACK: "syn/ack", JoinACK: "ack"}
	joinLengths = [...]int{JoinSYN: 12, JoinSYNACK: 16, JoinACK: 24}
	joinHMACs   = [...]int{JoinSYN: 0, JoinSYNACK: 8, JoinACK: 20}
)

// String is "syn", "syn/ack" or "ack".
func (f JoinForm) String() string {
	if f.valid() {
		return joinNames[f]
	}
	return string(f.appendText(nil))
}

func (f JoinForm) appendText(b []byte) []byte {
	if f.valid() {
		return append(b, joinNames[f]...)
	}
	return appendNumber(b, "form ", uint64(f))
}

func (f JoinForm) valid() bool { return f >= JoinSYN && f <= JoinACK }

// MarshalText is String; a value that is no form is an error.
func (f JoinForm) MarshalText() ([]byte, error) {
	if !f.valid() {
		return nil, fmt.Errorf("write MP_JOIN form %d: no such form", uint8(f))
	}
	return []byte(joinNames[f]), nil
}

// UnmarshalText reads what MarshalText writes.
func (f *JoinForm) UnmarshalText(text []byte) error {
	for form := JoinSYN; form <= JoinACK; form++ {
		if string(text) == joinNames[form] {
			*f = form
			return nil
		}
	}
	return fmt.Errorf("read MP_JOIN form %q: want syn, syn/ack or ack", text)
}

// MPJoin is MP_JOIN, which adds a subflow to a connection (RFC 8684 section 3.2, RFC 6824 section 3.2; the
// same layout in both).
type MPJoin struct {
	Form      JoinForm `json:"form"`
	Backup    bool     `json:"backup,omitempty"`     // bit B, not in the third ACK
	AddressID uint8    `json:"address_id,omitempty"` // of the sender's address, not in the third ACK
	Token     Token    `json:"token,omitempty"`      // the receiver's, only in the SYN
	Nonce     uint32   `json:"nonce,omitempty"`      // the sender's, not in the third ACK
	HMAC      [20]byte `json:"-"`                    // left-aligned; its length is that of TruncatedHMAC
}

// TruncatedHMAC is the part of HMAC that the form carries: nothing in the SYN, 8 bytes in the SYN/ACK, all 20
// in the third ACK. It aliases j.
func (j *MPJoin) TruncatedHMAC() []byte { return j.HMAC[:j.HMACLen()] }

// HMACLen is the length in bytes of what TruncatedHMAC returns: 0, 8 or 20.
func (j *MPJoin) HMACLen() int {
	if !j.Form.valid() {
		return 0
	}
	return joinHMACs[j.Form]
}

// ParseMPJoin reads the whole option b into j. The error is ErrKind, ErrSubtype or ErrLength.
func ParseMPJoin(b []byte, j *MPJoin) error {
	*j = MPJoin{}
	if err := check(b, SubtypeMPJoin); err != nil {
		return err
	}
	switch len(b) {
	case 12:
		j.Form = JoinSYN
		j.Token = Token(binary.BigEndian.Uint32(b[4:]))
		j.Nonce = binary.BigEndian.Uint32(b[8:])
	case 16:
		j.Form = JoinSYNACK
		copy(j.HMAC[:8], b[4:])
		j.Nonce = binary.BigEndian.Uint32(b[12:])
	case 24:
		j.Form = JoinACK
		copy(j.HMAC[:], b[4:])
		return nil // no B and no address in this form
	default:
		return lengthError(SubtypeMPJoin)
	}
	j.Backup, j.AddressID = b[2]&1 != 0, b[3]
	return nil
}

// AppendMPJoin appends the option j describes: the fields its form has, the others are not looked at. A form
// that does not exist appends nothing.
func AppendMPJoin(b []byte, j *MPJoin) []byte {
	if !j.Form.valid() {
		return b
	}
	n := joinLengths[j.Form]
	if j.Form == JoinACK {
		b = append(appendHead(b, n, SubtypeMPJoin, 0), 0)
		return append(b, j.HMAC[:]...)
	}
	b = append(appendHead(b, n, SubtypeMPJoin, bit(j.Backup)), j.AddressID)
	if j.Form == JoinSYN {
		b = binary.BigEndian.AppendUint32(b, uint32(j.Token))
	}
	b = append(b, j.TruncatedHMAC()...)
	return binary.BigEndian.AppendUint32(b, j.Nonce)
}

// String is the option as [Option.String] shows it.
func (j *MPJoin) String() string { return string(j.appendText(nil)) }

func (j *MPJoin) appendText(b []byte) []byte {
	b = j.Form.appendText(append(b, "MP_JOIN "...))
	if j.Form != JoinACK {
		b = appendNumber(b, " id=", uint64(j.AddressID))
		b = appendWord(b, j.Backup, " backup")
	}
	if j.Form == JoinSYN {
		b = appendHex(b, " token=", uint64(j.Token), 8)
	}
	b = appendBytes(b, " hmac=", j.TruncatedHMAC())
	if j.Form != JoinACK {
		b = appendHex(b, " nonce=", uint64(j.Nonce), 8)
	}
	return b
}
