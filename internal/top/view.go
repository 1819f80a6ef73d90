package top

import "allroads/internal/fullscreen"

// How high a screen has to be for its parts.
const (
	titleHeight  = 4
	statusHeight = 8
	footerHeight = 6
	paneHeight   = 16
)

// leastRows have a place even when there are fewer, so that the pane stays in its
// place while connections come and go.
const leastRows = 4

// draw draws all there is to see, on a screen of any size.
func (m *model) draw(g *fullscreen.Grid) {
	g.Clear()
	body := area{0, g.Height}
	if g.Height >= titleHeight {
		m.title(g.Width).draw(g, 0, 0)
		body = area{1, g.Height - 1}
	}
	if g.Height >= statusHeight {
		m.status().draw(g, 0, 1)
		body = area{2, g.Height - 2}
	}
	if g.Height >= footerHeight || m.prompt.kind != noPrompt {
		body.height--
		m.footer(g.Width).draw(g, 0, body.top+body.height)
	}
	m.body(g, body)
}

func (m *model) body(g *fullscreen.Grid, a area) {
	switch m.mode {
	case listing:
		m.list(g, a)
	case sorting:
		m.menu(g, a)
	case helping:
		m.pager(g, a, m.help(g.Width))
	case events:
		m.pager(g, a, m.journalLines(m.allEvents(), g.Width))
	case detail:
		if c := m.connection(); c != nil {
			m.pager(g, a, m.paths(c, g.Width))
		}
	}
}

// pager shows lines from where they are scrolled to.
func (m *model) pager(g *fullscreen.Grid, a area, lines []line) {
	m.scroll.height = a.height
	m.scroll.clamp(len(lines))
	a.draw(g, lines, m.scroll.first)
	if m.scroll.first+a.height < len(lines) {
		g.Put(g.Width-1, a.top+a.height-1, fullscreen.Reverse, "↓")
	}
}

// list shows the rows, and on a high screen the chosen one's paths below.
func (m *model) list(g *fullscreen.Grid, a area) {
	rows := a
	c := m.connection()
	if g.Height >= paneHeight && c != nil {
		rows.height = min(a.height/2, max(len(m.rows), leastRows)+1)
		m.pane(c, g.Width, a.height-rows.height).draw(g, area{a.top + rows.height, a.height - rows.height})
	}
	if c == nil {
		rows.draw(g, m.emptiness(g.Width), 0)
		return
	}
	m.table(g, rows)
}

// lines are what is below one another.
type lines []line

func (l lines) draw(g *fullscreen.Grid, a area) { a.draw(g, l, 0) }

func (m *model) emptiness(width int) []line {
	text := "no MPTCP connections; with --all-namespaces those of other network namespaces are shown, too, and `allroads demo` makes one"
	switch {
	case m.filter != "":
		text = "no connection has " + m.filter + "; F4 and Esc take the filter away"
	case m.several:
		text = "no MPTCP connections; `allroads demo` makes one"
	}
	return append([]line{nil}, fold(0, "", text, width)...)
}
