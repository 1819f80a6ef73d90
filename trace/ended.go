package trace

import (
	"net/netip"

	"allroads/wire"
)

// ended is what is kept of a subflow that is closed, to know what comes late.
type ended struct {
	ends   [2]netip.AddrPort
	halves [2]half // their numbers only
}

// maxEnded bounds how many closed subflows are remembered. What comes late on
// those beyond counts as not MPTCP.
const maxEnded = 1 << 16

func (a *Analyzer) remember(key flowKey, flow *subflow) {
	if len(a.closed) >= maxEnded {
		return
	}
	e := &ended{ends: flow.ends}
	for d := range flow.halves {
		h := &flow.halves[d]
		e.halves[d] = half{isn: h.isn, started: h.started, near: h.near, fin: h.fin, finAt: max(h.finAt, h.seen.end())}
	}
	a.closed[key] = e
}

// unknown takes a segment of a flow that is not open: one without MPTCP, one
// whose start was not captured, or one that is closed. Repeats are harmless; a
// handshake, or data behind the end, is not.
func (a *Analyzer) unknown(key flowKey, s *Segment) {
	a.packets.NotMPTCP++
	e := a.closed[key]
	if e != nil && e.goesOn(s) {
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
	d := fromOpener
	if s.Src == e.ends[1] {
		d = fromOther
	}
	h := &e.halves[d]
	if s.PayloadLen == 0 || !h.started || s.Flags&RST != 0 {
		return false
	}
	return int64(h.relative(s.Seq)+uint64(s.PayloadLen)-h.finAt) > 0
}
