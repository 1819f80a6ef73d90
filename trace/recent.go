package trace

import "net/netip"

// recent remembers where the latest flows are, since packets of a flow come in
// bursts: most need no look into the table.
type recent [1 << 8]struct {
	a, b netip.AddrPort
	flow *subflow
}

// at is the only place where a flow can be, whichever way its packet goes.
func (r *recent) at(a, b netip.AddrPort) int {
	return int(a.Port()^b.Port()) % len(r)
}

func (r *recent) find(s *Segment) *subflow {
	e := &r[r.at(s.Src, s.Dst)]
	if e.a == s.Src && e.b == s.Dst || e.a == s.Dst && e.b == s.Src {
		return e.flow
	}
	return nil
}

func (r *recent) keep(s *Segment, flow *subflow) {
	e := &r[r.at(s.Src, s.Dst)]
	e.a, e.b, e.flow = s.Src, s.Dst, flow
}

// drop forgets a flow that is no longer open.
func (r *recent) drop(flow *subflow) { r[r.at(flow.ends[0], flow.ends[1])].flow = nil }
