package top

import (
	"unicode/utf8"

	"allroads/internal/fullscreen"
)

// span is a piece of text in one style.
type span struct {
	style fullscreen.Style
	text  string
}

// line is a row of the screen.
type line []span

func (l *line) add(style fullscreen.Style, text string) { *l = append(*l, span{style, text}) }

func (l line) width() (n int) {
	for _, s := range l {
		n += columnsOf(s.text)
	}
	return n
}

func columnsOf(text string) int { return utf8.RuneCountInString(text) }

// pad adds spaces up to a column.
func (l *line) pad(to int) {
	for n := l.width(); n < to; n++ {
		l.add(0, " ")
	}
}

func (l line) draw(g *fullscreen.Grid, x, y int) {
	for _, s := range l {
		x = g.Put(x, y, s.style, s.text)
	}
}

// area is a part of the screen, as wide as all of it.
type area struct{ top, height int }

// draw draws the lines that a window of the area's height shows.
func (a area) draw(g *fullscreen.Grid, lines []line, first int) {
	for y := range a.height {
		if first+y < len(lines) {
			lines[first+y].draw(g, 0, a.top+y)
		}
	}
}

func (l line) text() (text string) {
	for _, s := range l {
		text += s.text
	}
	return text
}
