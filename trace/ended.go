package trace

import (
	"net/netip"

	"allroads/wire"
)

// ended is what is kept of a subflow that is closed, to know what comes late.
type ended struct {
	opener netip.AddrPort
	ends   [2]end // by who sent
}

// end is where a direction of a closed subflow ended.
type end struct {
	isn     uint32
	started bool
	behind  uint64 // relative number behind the last byte
}

// maxEnded bounds how many closed subflows are remembered, the latest ones. What
// comes late on others counts as not MPTCP.
const maxEnded = 1 << 13

// memory is of the latest closed subflows.
type memory struct {
	flows map[flowKey]ended
	order []flowKey // a ring, once there are maxEnded
	next  int
}

func (m *memory) add(key flowKey, flow *subflow) {
	e := ended{opener: flow.ends[0]}
	for d := range flow.halves {
		h := &flow.halves[d]
		e.ends[d] = end{isn: h.isn, started: h.started, behind: max(h.finAt, h.seen.end())}
	}
	if _, again := m.flows[key]; !again {
		m.room(key)
	}
	m.flows[key] = e
}

// room makes room for one more.
func (m *memory) room(key flowKey) {
	if len(m.order) < maxEnded {
		m.order = append(m.order, key)
		return
	}
	delete(m.flows, m.order[m.next])
	m.order[m.next] = key
	m.next = (m.next + 1) % maxEnded
}

// unknown takes a segment of a flow that is not open: one without MPTCP, one
// whose start was not captured, or one that is closed. Repeats are harmless; a
// handshake, or data behind the end, is not.
func (a *Analyzer) unknown(key flowKey, s *Segment) {
	a.packets.NotMPTCP++
	if e, is := a.closed.flows[key]; is && e.goesOn(s) {
		a.packets.Stray++
		return
	}
	for opts := options(s); opts.next(); {
		switch opts.option.Subtype() {
		case wire.SubtypeMPCapable, wire.SubtypeMPJoin, wire.SubtypeMPFastClose, wire.SubtypeMPFail:
			a.packets.Stray++
			return
		}
	}
}

// goesOn reports whether a segment has data behind the end.
func (e *ended) goesOn(s *Segment) bool {
	d := fromOther
	if s.Src == e.opener {
		d = fromOpener
	}
	of := &e.ends[d]
	if s.PayloadLen == 0 || !of.started || s.Flags&RST != 0 {
		return false
	}
	at := unwrap32(s.Seq-of.isn, of.behind) + uint64(s.PayloadLen)
	return int64(at-of.behind) > 0
}
