package unit

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// whitespace separates words (WHITESPACE of systemd).
const whitespace = " \t\n\r"

var errUnbalanced = errors.New("unbalanced quoting")

// nextWord takes the first word off a text, without its quotes and escapes, as
// systemd.syntax(7) says. An escape that does not exist stands for itself, in a word
// that has one. raw is the word as it is written. When there is no word, more is false.
func nextWord(text string) (word, raw, rest string, more bool, err error) {
	text = strings.TrimLeft(text, whitespace)
	if text == "" {
		return "", "", "", false, nil
	}
	word, length, err := scanWord(text, false)
	if err != nil {
		if word, length, err = scanWord(text, true); err != nil {
			return "", "", "", false, err
		}
	}
	return word, text[:length], strings.TrimLeft(text[length:], whitespace), true, nil
}

var errEscape = errors.New("unknown escape sequence")

// scanWord reads a word, of length bytes as it is written. If it is relaxed, escapes
// that do not exist are kept.
func scanWord(text string, relaxed bool) (word string, length int, err error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			value, used := unescape(text[i+1:])
			switch {
			case used > 0:
				b.WriteString(value)
			case !relaxed:
				return "", 0, errEscape
			case i+1 == len(text) && quote != 0:
				return "", 0, errUnbalanced
			default:
				b.WriteByte('\\')
				if i+1 < len(text) {
					b.WriteByte(text[i+1])
				}
				used = 1
			}
			i += used
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '\'' || c == '"':
			quote = c
		case strings.IndexByte(whitespace, c) >= 0:
			return b.String(), i, nil
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return "", 0, errUnbalanced
	}
	return b.String(), len(text), nil
}

// simpleEscapes are the letters behind a backslash, and what they stand for.
const simpleEscapes = "abfnrtvs\\\"'"

// unescape reads what stands behind a backslash; used is 0 when it is no escape.
func unescape(text string) (value string, used int) {
	if text == "" {
		return "", 0
	}
	if i := strings.IndexByte(simpleEscapes, text[0]); i >= 0 {
		return "\a\b\f\n\r\t\v \\\"'"[i : i+1], 1
	}
	switch text[0] {
	case 'x':
		return numbered(text, 1, 2, 16, false)
	case 'u':
		return numbered(text, 1, 4, 16, true)
	case 'U':
		return numbered(text, 1, 8, 16, true)
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return numbered(text, 0, 3, 8, false)
	}
	return "", 0
}

// numbered reads a byte or a character that is given by its number; NUL is none.
func numbered(text string, from, digits, base int, character bool) (value string, used int) {
	if len(text) < from+digits {
		return "", 0
	}
	for _, c := range []byte(text[from : from+digits]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF"[:base+6*(base/16)], rune(c)) {
			return "", 0
		}
	}
	n, err := strconv.ParseUint(text[from:from+digits], base, 32)
	if err != nil || n == 0 || !character && n > 0xff {
		return "", 0
	}
	if !character {
		return string([]byte{byte(n)}), from + digits
	}
	if !utf8.ValidRune(rune(n)) {
		return "", 0
	}
	return string(rune(n)), from + digits
}

// quoted writes a word so that it is read as one.
func quoted(word string) string {
	text := utf8.ValidString(word)
	if word != "" && text && !strings.ContainsFunc(word, func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune("\\\"';#", r)
	}) {
		return word
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(word) {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c == 0x7f || !text && c >= 0x80: // a unit file is UTF-8
			b.WriteString(`\x` + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
