package page

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markup is text that stands on the page as it is.
type markup string

// pen writes HTML and SVG. What it is given to put is escaped unless it is a number
// or markup.
type pen struct{ bytes.Buffer }

func (p *pen) raw(s markup) { p.WriteString(string(s)) }

// put formats with %v and %d; attributes stand in double quotes.
func (p *pen) put(format string, args ...any) {
	for i, arg := range args {
		switch v := arg.(type) {
		case int, int64, uint64, uint8, float64, markup:
		case string:
			args[i] = escape(v)
		default:
			args[i] = escape(fmt.Sprint(v))
		}
	}
	fmt.Fprintf(p, format, args...)
}

// escape is s as it may stand in an element or an attribute, of HTML and of XML.
// What neither allows, and what changes how text around it reads, is shown by a
// replacement character.
func escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '"':
			b.WriteString("&#34;")
		case '\'':
			b.WriteString("&#39;")
		default:
			b.WriteRune(shown(r))
		}
	}
	return b.String()
}

func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' || c == 0x7f || strings.IndexByte(`&<>"'`, c) >= 0 {
			return false
		}
	}
	return true
}

// shown replaces control characters, among them those that reverse text.
func shown(r rune) rune {
	if r == '\n' || r == '\t' || unicode.IsPrint(r) || r == '\u00a0' || r == '\u202f' || r == '\u2009' {
		return r
	}
	return utf8.RuneError
}
