package packets

import (
	"strings"
	"unicode"
)

// Colours of the terminal (ECMA-48, SGR).
const (
	dim  = "\x1b[2m"  // number and time
	red  = "\x1b[31m" // resets, and what is malformed or cut
	blue = "\x1b[34m" // MPTCP options
	none = "\x1b[0m"
)

func (p *Printer) paint(b []byte, color string) []byte {
	if p.o.Color {
		return append(b, color...)
	}
	return b
}

func (p *Printer) plain(b []byte) []byte { return p.paint(b, none) }

// printable replaces what would not stay in its line, or would steer a terminal:
// the name comes from a file.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == ' ' {
			return '?'
		}
		return r
	}, name)
}
