package top

import (
	"fmt"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// leastText is how narrow a column may become that has no width of its own: one of
// IPv6 addresses less than others, where there is room at all.
func (m *model) leastText(width int) int {
	for i := m.shown.first; i < min(m.shown.first+m.shown.height, len(m.rows)); i++ {
		if width >= wideEnough && m.rows[i].Remote.Addr().Is6() {
			return 20
		}
	}
	return 13
}

// fitting chooses the columns for a width, and the width of those without one.
func (m *model) fitting(width int) (chosen []*column, rest int) {
	enough := m.leastText(width)
	for least := 1; ; least++ {
		chosen = chosen[:0]
		fixed, open := 0, 0
		for i := range columns {
			c := &columns[i]
			if !m.wanted(i) || c.keep < least {
				continue
			}
			chosen = append(chosen, c)
			fixed += c.width + 1
			if c.width == 0 {
				open++
			}
		}
		rest = (width + 1 - fixed) / max(open, 1)
		if rest >= enough || least == 9 {
			return chosen, max(rest, 0)
		}
	}
}

// wanted reports whether a column is shown at all. Processes take the place of
// local addresses, which the paths show, too.
func (m *model) wanted(i int) bool {
	switch i {
	case spaceColumn:
		return m.several
	case localColumn:
		return !m.owners
	case processColumn:
		return m.owners
	}
	return true
}

// table shows the rows around the cursor, and nothing is made of others.
func (m *model) table(g *fullscreen.Grid, a area) {
	heading := a
	if a.height > 1 {
		a = area{a.top + 1, a.height - 1}
	}
	m.shown.height = a.height
	m.shown.show(m.cursor, len(m.rows))
	chosen, rest := m.fitting(g.Width)
	if heading != a {
		m.heading(chosen, rest).draw(g, 0, heading.top)
		g.Restyle(0, heading.top, g.Width, fullscreen.Reverse)
	}
	for y := range a.height {
		at := m.shown.first + y
		if at >= len(m.rows) {
			break
		}
		row(m.rows[at], chosen, rest).draw(g, 0, a.top+y)
		if at == m.cursor {
			g.Restyle(0, a.top+y, g.Width, fullscreen.Reverse|fullscreen.Bold)
		}
	}
}

func (m *model) heading(chosen []*column, rest int) (l line) {
	for _, c := range chosen {
		title := c.title
		if c == &columns[m.column] {
			title = map[bool]string{false: "▼", true: "▲"}[m.reversed] + title
		}
		l.cell(c, rest, title, fullscreen.Reverse)
	}
	return l
}

func row(c *live.Connection, chosen []*column, rest int) (l line) {
	for _, column := range chosen {
		l.cell(column, rest, column.text(c), column.style(c))
	}
	return l
}

// cell adds a text in a column's width, and a space.
func (l *line) cell(c *column, rest int, text string, style fullscreen.Style) {
	width := c.width
	if width == 0 {
		width = rest
	}
	text = shorten(text, width)
	if c.left {
		text = fmt.Sprintf("%-*s ", width, text)
	} else {
		text = fmt.Sprintf("%*s ", width, text)
	}
	l.add(style, text)
}

// style makes what wants attention stand out.
func (c *column) style(of *live.Connection) fullscreen.Style {
	switch {
	case c.title == "PATHS" && of.Established() > 1:
		return fullscreen.Green
	case c.title == "PATHS" && of.Pending() > 0:
		return fullscreen.Yellow
	case c.title == "TOKEN" && (of.Changing || of.Info.Fallback):
		return fullscreen.Yellow
	}
	return 0
}
