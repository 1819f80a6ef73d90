package trace

import "allroads/wire"

// ended is what is kept of a flow that is closed, to know what comes late.
type ended struct {
	hash   uint64
	key    tuple // of what the opener sent
	plain  bool
	reset  bool
	by     direction // who reset it
	iface  int
	copies copies
	ends   [2]end // by who sent
}

// end is where a direction of a closed flow ended.
type end struct {
	isn     uint32
	started bool
	behind  uint64 // relative number behind the last byte
}

// maxEnded bounds how many closed flows are remembered, the latest ones. What
// comes late on others counts as not MPTCP.
const maxEnded = 1 << 13

// memory is of the latest closed flows.
type memory struct {
	flows table[ended]
	order []*ended // a ring, once there are maxEnded
	next  int
}

func (m *memory) add(flow *subflow) {
	e, _ := m.flows.find(flow.hash, &flow.key)
	if e == nil {
		e = m.room()
		m.flows.put(flow.hash, &flow.key, e)
	}
	e.hash, e.key, e.plain = flow.hash, flow.key, flow.conn.plain
	e.iface, e.copies, e.reset, e.by = flow.iface, flow.copies, flow.reset != "", flow.resetBy
	for d := range flow.halves {
		h := &flow.halves[d]
		e.ends[d] = end{isn: h.isn, started: h.started, behind: max(h.finAt, h.seen.end())}
	}
}

// room makes room for one more.
func (m *memory) room() *ended {
	if len(m.order) < maxEnded {
		m.order = append(m.order, new(ended))
		return m.order[len(m.order)-1]
	}
	e := m.order[m.next]
	m.next = (m.next + 1) % maxEnded
	m.flows.drop(e.hash, e)
	return e
}

// drop forgets a flow whose addresses are used again.
func (m *memory) drop(hash uint64, key *tuple) {
	if e, _ := m.flows.find(hash, key); e != nil {
		m.flows.drop(hash, e)
	}
}

// unknown takes a segment of a flow that is not open: one without MPTCP, one
// whose start was not captured, or one that is closed. Repeats are harmless; a
// handshake, or data behind the end, is not.
func (a *Analyzer) unknown(hash uint64, s *Segment) {
	e, _ := a.closed.flows.find(hash, &s.tuple)
	if e != nil && e.copies.has(s.Interface) {
		a.packets.Copies++
		return
	}
	if e == nil && a.midway(hash, s) {
		return
	}
	a.packets.NotMPTCP++
	if e != nil && !e.plain && e.goesOn(s) {
		a.packets.Stray++
		return
	}
	for i := range int(a.options.count) {
		switch a.options.mptcp(s.Options, i).Subtype() {
		case wire.SubtypeMPCapable, wire.SubtypeMPJoin, wire.SubtypeMPFastClose, wire.SubtypeMPFail:
			a.packets.Stray++
			return
		}
	}
}

// goesOn reports whether a segment has data behind the end.
func (e *ended) goesOn(s *Segment) bool {
	d := fromOther
	if s.tuple == e.key {
		d = fromOpener
	}
	of := &e.ends[d]
	unaware := e.reset && d != e.by // of the reset, and goes on sending
	if s.PayloadLen == 0 || !of.started || s.Flags&RST != 0 || unaware {
		return false
	}
	at := unwrap32(s.Seq-of.isn, of.behind) + uint64(s.PayloadLen)
	return int64(at-of.behind) > 0
}
