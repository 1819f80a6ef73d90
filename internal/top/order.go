package top

import (
	"slices"
	"strings"

	"allroads/internal/live"
)

// arrange finds the rows in the snapshot, and the cursor's.
func (m *model) arrange() {
	m.rows = m.rows[:0]
	if m.snapshot != nil {
		for i := range m.snapshot.Connections {
			if c := &m.snapshot.Connections[i]; m.filter == "" || contains(c, m.filter) {
				m.rows = append(m.rows, c)
			}
		}
	}
	m.sort()
	if m.held {
		at := slices.IndexFunc(m.rows, func(c *live.Connection) bool { return identify(c) == m.chosen })
		if at >= 0 {
			m.cursor = at
			return
		}
		m.held = false // It is gone: whatever is in its row now is the next.
		m.mode = m.withoutDetail()
	} else if m.mode == listing {
		m.cursor = 0
	}
	m.cursor = max(0, min(m.cursor, len(m.rows)-1))
	if c := m.connection(); c != nil {
		m.chosen = identify(c)
	}
}

// withoutDetail is the mode when the connection that is shown has gone.
func (m *model) withoutDetail() mode {
	if m.mode == detail {
		m.notice = "the connection is gone"
		return listing
	}
	return m.mode
}

func (m *model) sort() {
	compare := columns[m.column].compare
	slices.SortStableFunc(m.rows, func(a, b *live.Connection) int {
		if m.reversed {
			a, b = b, a
		}
		return compare(a, b)
	})
}

// contains reports whether a text is in what a person sees of a connection, in
// whatever case.
func contains(c *live.Connection, text string) bool {
	text = strings.ToLower(text)
	for i := range columns {
		if strings.Contains(strings.ToLower(columns[i].text(c)), text) {
			return true
		}
	}
	for i := range c.Subflows {
		s := &c.Subflows[i]
		if strings.Contains(s.Local.String(), text) || strings.Contains(s.Remote.String(), text) ||
			strings.Contains(strings.ToLower(c.Paths[i].Interface), text) {
			return true
		}
	}
	return false
}

// find moves the cursor to the next row that holds the text searched for.
func (m *model) find(from int) {
	for i := range m.rows {
		at := (from + i) % len(m.rows)
		if contains(m.rows[at], m.search) {
			m.notice = ""
			m.move(at)
			return
		}
	}
	m.notice = "no connection has " + m.search
}
