package wire

// OptionKind is the TCP option kind of every MPTCP option (RFC 8684 section 3).
const OptionKind = 30

// The two TCP options of one byte (RFC 9293 section 3.1).
const (
	kindEnd = 0
	kindNOP = 1
)

// minLength covers kind, length and the byte that holds the subtype.
const minLength = 3

// Option is one whole MPTCP option, kind and length bytes included. What [Next] returns is at least three
// bytes long and aliases the buffer it was found in.
type Option []byte

// Subtype is the option's subtype, 0 to 15. An Option shorter than three bytes has none and yields 255.
func (o Option) Subtype() Subtype {
	if len(o) < minLength {
		return 255
	}
	return Subtype(o[2] >> 4)
}

// Next returns the first MPTCP option among raw TCP options and the bytes behind it. Other kinds are skipped.
// At the end opt is nil and err is nil; what follows an end-of-list option (kind 0) is padding, which a
// receiver does not read either.
//
// ErrTruncated is a length byte that is missing, below two or past the end: nothing behind it can be found, so
// rest is nil. ErrLength is an MPTCP option without its subtype byte: rest goes on behind it.
func Next(options []byte) (opt Option, rest []byte, err error) {
	for len(options) > 0 {
		kind := options[0]
		if kind == kindNOP {
			options = options[1:]
			continue
		}
		if kind == kindEnd {
			return nil, nil, nil
		}
		if len(options) < 2 {
			return nil, nil, ErrTruncated
		}
		n := int(options[1])
		if n < 2 || n > len(options) {
			return nil, nil, ErrTruncated
		}
		if kind == OptionKind {
			if n < minLength {
				return nil, options[n:], ErrLength
			}
			return Option(options[:n:n]), options[n:], nil
		}
		options = options[n:]
	}
	return nil, nil, nil
}

// check holds b to what all MPTCP options share: kind, a length byte that tells the length, subtype s.
func check(b []byte, s Subtype) error {
	if len(b) > 0 && b[0] != OptionKind {
		return kindError(s)
	}
	if len(b) < minLength || int(b[1]) != len(b) {
		return lengthError(s)
	}
	if Subtype(b[2]>>4) != s {
		return subtypeError(s)
	}
	return nil
}

// appendHead starts an option of length n; low fills the four bits beside the subtype.
func appendHead(b []byte, n int, s Subtype, low uint8) []byte {
	return append(b, OptionKind, byte(n), byte(s)<<4|low&15)
}

// bit is a flag as a number.
func bit(set bool) uint8 {
	if set {
		return 1
	}
	return 0
}
