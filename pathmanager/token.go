package pathmanager

import (
	"fmt"
	"strconv"
	"strings"
)

// Token names a connection on one of its two hosts (RFC 8684 section 3.2): the
// first 32 bits of the SHA-256 of the host's key, as a number. The two hosts have
// different tokens for a connection.
type Token uint32

// String gives 8 hexadecimal digits, as ss(8) and ip(8) print tokens.
func (t Token) String() string { return fmt.Sprintf("%08x", uint32(t)) }

// ParseToken reads 1 to 8 hexadecimal digits, with or without 0x before them.
func ParseToken(text string) (Token, error) {
	digits := strings.TrimPrefix(text, "0x")
	number, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || len(digits) > 8 {
		return 0, fmt.Errorf("token %q: not 1 to 8 hexadecimal digits, as `ss -M -i` and `ip mptcp monitor` print it", text)
	}
	return Token(number), nil
}

// MarshalText writes the token as String does.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the token as ParseToken does.
func (t *Token) UnmarshalText(text []byte) (err error) {
	*t, err = ParseToken(string(text))
	return err
}
