package wire

import (
	"fmt"
	"strconv"
)

// Key is one side's key: its eight bytes on the wire read big-endian.
type Key uint64

// Token names a connection to the side that made the key it is derived from.
type Token uint32

// String is 16 hex digits.
func (k Key) String() string { return string(appendDigits(nil, uint64(k), 16)) }

// MarshalText is String.
func (k Key) MarshalText() ([]byte, error) { return appendDigits(nil, uint64(k), 16), nil }

// UnmarshalText reads 1 to 16 hex digits, without 0x.
func (k *Key) UnmarshalText(text []byte) error {
	v, err := strconv.ParseUint(string(text), 16, 64)
	if err != nil {
		return fmt.Errorf("read key: %w", err)
	}
	*k = Key(v)
	return nil
}

// String is 8 hex digits, as ss and ip mptcp monitor print a token.
func (t Token) String() string { return string(appendDigits(nil, uint64(t), 8)) }

// MarshalText is String.
func (t Token) MarshalText() ([]byte, error) { return appendDigits(nil, uint64(t), 8), nil }

// UnmarshalText reads 1 to 8 hex digits, without 0x.
func (t *Token) UnmarshalText(text []byte) error {
	v, err := strconv.ParseUint(string(text), 16, 32)
	if err != nil {
		return fmt.Errorf("read token: %w", err)
	}
	*t = Token(v)
	return nil
}
