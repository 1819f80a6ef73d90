package top

import (
	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// pane shows the paths of a connection in short, and below what happened to it.
func (m *model) pane(c *live.Connection, width, height int) (all lines) {
	all = append(all, m.caption(c, width))
	for _, w := range m.strands(c) {
		if width >= wideEnough {
			all = append(all, w.picture(width-captionWidth, w.caption()), w.curves(width))
		} else {
			all = append(all, w.picture(width, nil), w.caption())
		}
	}
	if len(all) < height {
		all = append(all, m.happened(c, width, height-len(all))...)
	}
	return all[:min(len(all), height)]
}

// caption divides the pane from what is above.
func (m *model) caption(c *live.Connection, width int) (l line) {
	l.add(fullscreen.Dim, "── ")
	l.add(fullscreen.Bold, shorten(token(c)+" "+ends(c), width-6))
	if c.Info.Fallback {
		l.add(fullscreen.Yellow, " fell back to TCP")
	}
	if c.Changing {
		l.add(fullscreen.Yellow, " changing")
	}
	l.add(0, " ")
	for l.width() < width {
		l.add(fullscreen.Dim, "─")
	}
	return l
}

// happened is what happened to a connection, the latest first, and why that may not be
// all.
func (m *model) happened(c *live.Connection, width, height int) (all []line) {
	entries := m.journal.of(c, height)
	if !m.heard[c.Space] {
		all = append(all, fold(fullscreen.Dim, "", m.deaf+": changes are found by comparing looks", width)...)
	} else if len(entries) == 0 {
		all = append(all, line{{fullscreen.Dim, "no events yet"}})
	}
	return append(all, m.journalLines(entries, width)...)
}

// journalLines put what happened into lines, the connection's name before it where
// it is not the only one.
func (m *model) journalLines(entries []entry, width int) (all []line) {
	for _, e := range entries {
		stamp := e.at.Format("15:04:05 ")
		if m.mode == events {
			stamp += e.name() + " "
		}
		all = append(all, fold(e.style, stamp, e.text, width)...)
	}
	return all
}

func (e *entry) name() string {
	name := "all"
	if e.token != 0 {
		name = hexadecimal(e.token)
	}
	if e.space != "" {
		name += " in " + e.space
	}
	return name
}

// allEvents is the journal, the latest first.
func (m *model) allEvents() (all []entry) {
	for i := len(m.journal) - 1; i >= 0; i-- {
		all = append(all, m.journal[i])
	}
	return all
}
