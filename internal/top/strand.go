package top

import (
	"strings"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
	"allroads/mptcp"
	"allroads/sockdiag"
)

// strand is a subflow as it is drawn: a line between two addresses.
type strand struct {
	subflow *sockdiag.Subflow
	path    *live.Path
	memory  *memory // nil: none yet
	series  *series

	topRate, topRTT float32 // of all subflows of the connection, so that they compare
}

// strands are the subflows of a connection.
func (m *model) strands(c *live.Connection) []strand {
	all := make([]strand, len(c.Subflows))
	topRate, topRTT := float32(-1), float32(-1)
	memory := m.past[identify(c)]
	for i := range all {
		all[i] = strand{subflow: &c.Subflows[i], path: &c.Paths[i], memory: memory}
		if memory == nil {
			continue
		}
		if s := memory.subflows[pairOf(all[i].subflow)]; s != nil {
			all[i].series = s
			topRate = max(topRate, highest(memory.recent(s, &s.rate, samples)))
			topRTT = max(topRTT, highest(memory.recent(s, &s.rtt, samples)))
		}
	}
	for i := range all {
		all[i].topRate, all[i].topRTT = topRate, topRTT
	}
	return all
}

// look is what a subflow's line is drawn with.
func (w *strand) look() (style fullscreen.Style, stroke string) {
	switch s := w.subflow.State; {
	case w.path.Stale:
		return fullscreen.Red, "╳"
	case s == mptcp.StateSynSent || s == mptcp.StateSynRecv || s == mptcp.StateNewSynRecv:
		return fullscreen.Yellow, "┄"
	case s != mptcp.StateEstablished:
		return fullscreen.Red, "┄"
	case w.subflow.Backup():
		return fullscreen.Cyan, "─"
	}
	return fullscreen.Green, "━"
}

// leastStroke is how short a line between two addresses may be.
const leastStroke = 4

// picture is the line between its ends, and what stands behind it.
func (w *strand) picture(width int, behind line) (l line) {
	style, stroke := w.look()
	local, remote := w.subflow.Local.String(), w.subflow.Remote.String()
	if w.path.Interface != "" {
		local += " " + w.path.Interface
	}
	room := width - leastStroke - 2
	if columnsOf(local)+columnsOf(remote) > room {
		// Who has less to say leaves the rest to the other.
		left := max(room/2, room-columnsOf(remote))
		local = shorten(local, left)
		remote = shorten(remote, room-columnsOf(local))
	}
	l.add(0, local+" ")
	l.add(style, strings.Repeat(stroke, max(0, width-columnsOf(local)-columnsOf(remote)-2)))
	l.add(0, " "+remote)
	return append(l, behind...)
}
