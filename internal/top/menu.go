package top

import "allroads/internal/fullscreen"

// menu shows the columns that rows can be ordered by.
func (m *model) menu(g *fullscreen.Grid, a area) {
	g.Put(0, a.top, fullscreen.Bold, "Order by")
	a = area{a.top + 1, a.height - 1}
	m.scroll.height = a.height
	m.scroll.show(m.menuCursor, len(columns))
	for y := range min(a.height, len(columns)-m.scroll.first) {
		at := m.scroll.first + y
		g.Put(2, a.top+y, 0, columns[at].title)
		if at == m.menuCursor {
			g.Restyle(0, a.top+y, 14, fullscreen.Reverse|fullscreen.Bold)
		}
	}
}

// choose moves in the menu.
func (m *model) choose(key fullscreen.Key) {
	switch key {
	case fullscreen.Up:
		m.menuCursor = max(0, m.menuCursor-1)
	case fullscreen.Down:
		m.menuCursor = min(len(columns)-1, m.menuCursor+1)
	case fullscreen.Home:
		m.menuCursor = 0
	case fullscreen.End:
		m.menuCursor = len(columns) - 1
	case fullscreen.Enter, fullscreen.Right:
		m.mode = listing
		m.orderBy(m.menuCursor)
	case fullscreen.Escape, fullscreen.Left, fullscreen.F6:
		m.mode = listing
	}
}
