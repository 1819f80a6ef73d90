package trace

import "net/netip"

// recent remembers where the latest flows are, since packets of a flow come in
// bursts: most need no look into the table.
type recent [1 << 8]struct {
	a, b netip.AddrPort
	flow *subflow
}

// at is the only place where a flow can be, whichever way its packet goes.
func (r *recent) at(s *Segment) int {
	return int(s.Src.Port()^s.Dst.Port()) % len(r)
}

func (r *recent) find(s *Segment) *subflow {
	e := &r[r.at(s)]
	if e.a == s.Src && e.b == s.Dst || e.a == s.Dst && e.b == s.Src {
		return e.flow
	}
	return nil
}

func (r *recent) keep(s *Segment, flow *subflow) {
	e := &r[r.at(s)]
	e.a, e.b, e.flow = s.Src, s.Dst, flow
}

// drop forgets a flow that is no longer open.
func (r *recent) drop(s *Segment) { r[r.at(s)].flow = nil }
