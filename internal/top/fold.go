package top

import (
	"strings"

	"allroads/internal/fullscreen"
)

// fold breaks a text between words into lines of a width, behind something that
// only the first one begins with.
func fold(style fullscreen.Style, first, text string, width int) (all []line) {
	indent := min(columnsOf(first), width/3)
	current, used, begun := line{{0, first}}, columnsOf(first), false
	for word := range strings.FieldsSeq(text) {
		length := columnsOf(word)
		if begun && used+1+length > width {
			all = append(all, current)
			current, used, begun = line{{0, strings.Repeat(" ", indent)}}, indent, false
		}
		if begun {
			word, length = " "+word, length+1
		}
		current.add(style, word)
		used, begun = used+length, true
	}
	return append(all, current)
}
