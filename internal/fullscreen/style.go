package fullscreen

// Style is how a cell looks: a colour, and attributes to be or-ed to it. The zero
// value is the terminal's own.
type Style uint16

// Colours are those of the terminal's palette (ECMA-48, SGR 31 to 36).
const (
	Red     Style = 1
	Green   Style = 2
	Yellow  Style = 3
	Blue    Style = 4
	Magenta Style = 5
	Cyan    Style = 6

	colors Style = 7
)

// Attributes stay where colours are not wanted.
const (
	Bold Style = 1 << (3 + iota)
	Dim
	Reverse
)

// appendTo appends the control sequence that sets the style.
func (s Style) appendTo(b []byte) []byte {
	b = append(b, "\x1b[0"...)
	if s&Bold != 0 {
		b = append(b, ";1"...)
	}
	if s&Dim != 0 {
		b = append(b, ";2"...)
	}
	if s&Reverse != 0 {
		b = append(b, ";7"...)
	}
	if color := s & colors; color != 0 {
		b = append(b, ';', '3', '0'+byte(color))
	}
	return append(b, 'm')
}
