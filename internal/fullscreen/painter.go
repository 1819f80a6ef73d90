package fullscreen

import (
	"strconv"
	"unicode/utf8"
)

// painter turns grids into what has to be written for the screen to show them.
type painter struct {
	ascii, colorless bool

	shown *Grid // what the screen shows, nil: not known
	text  []byte

	x, y  int // of the cursor, -1: not known
	style Style
}

// paint is what makes the screen show a grid. It is valid until the next call.
func (p *painter) paint(g *Grid) []byte {
	p.text = p.text[:0]
	p.x, p.y, p.style = -1, -1, 0
	if p.shown == nil || p.shown.Width != g.Width || p.shown.Height != g.Height {
		p.text = append(p.text, "\x1b[0m\x1b[2J"...)
		p.shown = NewGrid(g.Width, g.Height)
	}
	for y := range g.Height {
		p.row(y, p.shown.row(y), g.row(y))
	}
	if p.style != 0 {
		p.text = Style(0).appendTo(p.text)
	}
	return p.text
}

func (p *painter) row(y int, shown, wanted []cell) {
	for x, c := range wanted {
		c.glyph = c.shown()
		if p.ascii {
			c.glyph = ascii(c.glyph)
		}
		if p.colorless {
			c.style &^= colors
		}
		if was := shown[x]; was.shown() != c.glyph || was.style != c.style {
			p.cell(x, y, c)
			shown[x] = c
		}
	}
}

func (p *painter) cell(x, y int, c cell) {
	if p.x != x || p.y != y {
		p.text = append(p.text, "\x1b["...)
		p.text = strconv.AppendInt(p.text, int64(y+1), 10)
		p.text = append(p.text, ';')
		p.text = strconv.AppendInt(p.text, int64(x+1), 10)
		p.text = append(p.text, 'H')
	}
	if p.style != c.style {
		p.text = c.style.appendTo(p.text)
	}
	p.text = utf8.AppendRune(p.text, c.glyph)
	// Behind the last column, terminals differ: the cursor is placed anew there,
	// as a row begins in another place.
	p.x, p.y, p.style = x+1, y, c.style
}
