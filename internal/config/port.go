package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Contains reports whether a port is in the range.
func (r PortRange) Contains(port uint16) bool { return r.First <= port && port <= r.Last }

// String gives the range as UnmarshalText reads it.
func (r PortRange) String() string {
	if r.First == r.Last {
		return strconv.Itoa(int(r.First))
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// MarshalText writes what String gives.
func (r PortRange) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a port, or two with a dash between them: 443, 8000-8999.
func (r *PortRange) UnmarshalText(text []byte) error {
	first, last, isRange := strings.Cut(string(text), "-")
	if !isRange {
		last = first
	}
	a, wrong := strconv.ParseUint(first, 10, 16)
	b, wrongToo := strconv.ParseUint(last, 10, 16)
	switch {
	case strings.HasPrefix(first, "0"), strings.HasPrefix(last, "0"), wrong != nil || wrongToo != nil:
		return fmt.Errorf("%q is not a port from 1 to 65535, nor a range of them as 8000-8999", text)
	case a > b:
		return fmt.Errorf("range %s ends before it begins: did you mean %d-%d?", text, b, a)
	}
	*r = PortRange{uint16(a), uint16(b)}
	return nil
}
