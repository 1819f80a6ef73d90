package wire

// Version is the protocol version, four bits of MP_CAPABLE. It decides which hash derives tokens and HMACs.
type Version uint8

const (
	V0 Version = 0 // RFC 6824: SHA-1
	V1 Version = 1 // RFC 8684: SHA-256
)

// String is "v0", "v1" and so on.
func (v Version) String() string { return string(v.appendText(nil)) }

func (v Version) appendText(b []byte) []byte { return appendNumber(b, "v", uint64(v)) }
