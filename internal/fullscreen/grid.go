package fullscreen

import "strings"

// Grid is what a screen shows: cells in rows. What is drawn outside is left away.
type Grid struct {
	Width, Height int
	cells         []cell
}

type cell struct {
	glyph rune // 0: a space
	style Style
}

// NewGrid is one of blank cells.
func NewGrid(width, height int) *Grid {
	width, height = max(width, 0), max(height, 0)
	return &Grid{width, height, make([]cell, width*height)}
}

// Clear makes all cells blank.
func (g *Grid) Clear() { clear(g.cells) }

// Put draws a text from column x of row y, and returns the column behind it. A rune
// that may not take one column, or is a control character, is drawn as a question
// mark.
func (g *Grid) Put(x, y int, style Style, text string) int {
	for _, r := range text {
		if x >= 0 && x < g.Width && y >= 0 && y < g.Height {
			g.cells[y*g.Width+x] = cell{glyph(r), style}
		}
		x++
	}
	return x
}

// Restyle gives a part of a row a style, and leaves its text.
func (g *Grid) Restyle(x, y, width int, style Style) {
	if y < 0 || y >= g.Height {
		return
	}
	for i := max(x, 0); i < min(x+width, g.Width); i++ {
		g.cells[y*g.Width+i].style = style
	}
}

// String is the text, a line for each row, without the spaces at their ends.
func (g *Grid) String() string {
	var text strings.Builder
	for y := range g.Height {
		var line strings.Builder
		for _, c := range g.row(y) {
			line.WriteRune(c.shown())
		}
		text.WriteString(strings.TrimRight(line.String(), " "))
		text.WriteByte('\n')
	}
	return text.String()
}

func (g *Grid) row(y int) []cell { return g.cells[y*g.Width : (y+1)*g.Width] }

func (c cell) shown() rune {
	if c.glyph == 0 {
		return ' '
	}
	return c.glyph
}
