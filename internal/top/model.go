package top

import (
	"errors"
	"fmt"
	"time"

	"allroads/internal/live"
)

// model is what the view shows. Keys, looks and events change it; drawing does not,
// but for where a list is scrolled to.
type model struct {
	several bool            // namespaces are looked at, or may be
	heard   map[string]bool // namespaces whose events are
	deaf    string          // why those of others are not

	interval time.Duration
	paused   bool
	owners   bool // processes are shown

	snapshot *live.Snapshot
	totals   totals
	rows     []*live.Connection // of the snapshot: those that pass, in order
	shown    window             // the rows on the screen
	cursor   int                // the chosen row
	chosen   identity
	held     bool // the cursor stays with the connection, not in its row

	column         int // that the rows are ordered by
	reversed       bool
	search, filter string

	mode       mode
	scroll     window // of what is shown instead of the list
	menuCursor int
	prompt     prompt
	notice     string // of what has just happened, "": nothing
	failure    string // of the latest look, "": none

	past    past
	journal journal
}

// identity tells a connection from others: sockets' cookies are a namespace's own
// on older kernels.
type identity struct {
	space  string
	cookie uint64
}

func identify(c *live.Connection) identity { return identity{c.Space, c.Cookie} }

// mode is what the screen shows.
type mode int

const (
	listing mode = iota
	detail       // of the chosen connection
	events       // of all connections
	sorting      // a menu of columns
	helping
)

// window is the part of a list that is on the screen.
type window struct{ first, height int }

// show moves the window as little as is needed to have a line in it.
func (w *window) show(line, lines int) {
	w.first = min(w.first, line)
	w.first = max(w.first, line-w.height+1)
	w.clamp(lines)
}

func (w *window) clamp(lines int) { w.first = max(0, min(w.first, lines-w.height)) }

func newModel(options Options) *model {
	return &model{
		several: options.Everywhere, interval: options.Interval, owners: options.Owners, column: byRate, past: past{},
	}
}

// look takes a new look at the connections in.
func (m *model) look(s *live.Snapshot, err error) {
	m.failure = ""
	if errors.Is(err, live.ErrLost) {
		m.failure, s = "the network namespace is gone", &live.Snapshot{At: time.Now()}
	} else if err != nil {
		m.failure = err.Error()
	}
	if s == nil {
		return
	}
	for _, space := range s.Lost {
		m.notice = fmt.Sprintf("network namespace %s is gone", space.Name)
	}
	m.snapshot, m.totals = s, total(s)
	m.arrange()
	m.remember()
}

// connection is the chosen one, nil if there is none.
func (m *model) connection() *live.Connection {
	if m.cursor < len(m.rows) {
		return m.rows[m.cursor]
	}
	return nil
}

// move moves the cursor, which from then on stays with its connection.
func (m *model) move(to int) {
	m.cursor = max(0, min(to, len(m.rows)-1))
	m.held = true
	if c := m.connection(); c != nil {
		m.chosen = identify(c)
	}
}

// lead puts the cursor where it begins: on whatever connection is the first.
func (m *model) lead() {
	m.move(0)
	m.held = false
}
