package trace

import (
	"fmt"
	"strconv"
	"strings"

	"allroads/wire"
)

// Selector names a connection by a token of either side, or by its number.
type Selector struct {
	token   wire.Token
	id      int
	byToken bool
}

// tokenDigits is how many hexadecimal digits a token has.
const tokenDigits = 8

// ParseSelector reads a token, which has eight hexadecimal digits, or any with 0x in
// front of it, or else the decimal number of a connection (Connection.ID).
func ParseSelector(text string) (Selector, error) {
	digits, prefixed := strings.CutPrefix(strings.ToLower(text), "0x")
	if prefixed || len(digits) == tokenDigits {
		if token, err := strconv.ParseUint(digits, 16, 32); err == nil {
			return Selector{token: wire.Token(token), byToken: true}, nil
		}
	} else if id, err := strconv.ParseUint(text, 10, 31); err == nil && id > 0 {
		return Selector{id: int(id)}, nil
	}
	return Selector{}, fmt.Errorf("connection %q: neither a token (eight hexadecimal digits, as in 0x1a2b3c4d) nor a number from 1", text)
}

// Match reports whether a connection is the one.
func (s Selector) Match(c *Connection) bool {
	if !s.byToken {
		return c.ID == s.id
	}
	return c.Tokens.Client.is(s.token) || c.Tokens.Server.is(s.token)
}

// String is as ParseSelector reads it.
func (s Selector) String() string {
	if s.byToken {
		return fmt.Sprintf("0x%v", s.token)
	}
	return strconv.Itoa(s.id)
}
