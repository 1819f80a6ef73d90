package wire

import "fmt"

// CapableFlags is the flags byte of MP_CAPABLE, bits A (0x80) to H (0x01), all kept.
type CapableFlags uint8

const (
	// ChecksumRequired, bit A: DSS checksums must be used when either side sets it in the handshake.
	ChecksumRequired CapableFlags = 0x80
	// Extensible, bit B, must be zero in v0 and v1; a receiver that does not know it ignores the option.
	Extensible CapableFlags = 0x40
	// DenyJoin, bit C of v1: the peer must open no subflow to the sender's address and port of this one. In v0 it
	// was a bit for algorithm negotiation without a meaning.
	DenyJoin CapableFlags = 0x20
	// FlagH names the algorithm: HMAC-SHA1 in v0, HMAC-SHA256 in v1.
	FlagH CapableFlags = 0x01
)

// String is the letters of the set bits from A to H with spaces between, such as "A H"; "none" without a bit.
func (f CapableFlags) String() string {
	var letters [15]byte
	return string(f.appendText(letters[:0]))
}

func (f CapableFlags) appendText(b []byte) []byte {
	if f == 0 {
		return append(b, "none"...)
	}
	start := len(b)
	for i := range byte(8) {
		if f&(0x80>>i) == 0 {
			continue
		}
		if len(b) > start {
			b = append(b, ' ')
		}
		b = append(b, 'A'+i)
	}
	return b
}

// MarshalText is String.
func (f CapableFlags) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (f *CapableFlags) UnmarshalText(text []byte) error {
	for i := range 256 {
		if CapableFlags(i).String() == string(text) {
			*f = CapableFlags(i)
			return nil
		}
	}
	return fmt.Errorf("read MP_CAPABLE flags %q: want letters A to H in order, with spaces between", text)
}
