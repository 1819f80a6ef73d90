package bothends

// subflow is a pair as it is seen: from the client to the server, and back.
func (v *view) subflow(p *pair) Subflow {
	s := Subflow{MPTCP: p.flows[0].mptcp || p.flows[1].mptcp, Join: p.flows[0].identity.join || p.flows[1].identity.join,
		Basis: p.basis, Weak: p.basis.Weak(), Directed: p.oriented, Changes: []Change{}}
	// The way that goes from the client's capture to the server's.
	up := 0
	if forward := !p.oriented || p.forward; forward == (v.client == 1) {
		up = 1
	}
	if !p.oriented && p.openerKnown {
		up = 0
	}
	s.AtClient.Client, s.AtClient.Server = p.addresses(v.client, up)
	s.AtServer.Client, s.AtServer.Server = p.addresses(1-v.client, up)
	s.ToServer = v.way(p, up, v.client)
	s.ToClient = v.way(p, 1-up, 1-v.client)
	for _, x := range p.changes {
		if change, ok := v.change(p, x, up); ok {
			s.Changes = append(s.Changes, change)
		}
	}
	v.translations(p, &s, up)
	v.injections(p, &s, up)
	return s
}

// way is one direction of a pair, of which one capture is the sender's.
func (v *view) way(p *pair, which, sender int) (x Way) {
	w := &p.ways[which]
	from, to := &w.taps[sender], &w.taps[1-sender]
	x.Sent, x.Arrived = Count{from.packets, from.bytes}, Count{to.packets, to.bytes}
	m := &from.missed
	x.Lost = Lost{Packets: m.packets, Partly: m.partly, Bytes: m.bytes, First: m.first}
	if !m.vague {
		x.Lost.Segments = &m.segments
	}
	e := &to.missed
	x.Extra = Extra{Packets: e.packets + e.partly, Bytes: e.bytes, Resets: e.resets, Unsent: e.unsent, First: e.first}
	x.Outside = m.outside + e.outside
	x.Duplicated = to.doubled
	x.Reordered, x.Overtaken = w.reordered[1-sender], w.overtaken[1-sender]
	x.Largest = [2]int64{from.longest, to.longest}
	x.Compared = w.compared
	if n, known := hops(w.hops[sender], w.hops[1-sender]); known {
		x.Hops, x.HopsVary = &n, w.hopsVary
	}
	if v.known() && p.oriented {
		x.Delay = w.delays.quantiles(v, sender == 0)
		x.Queueing = x.Delay.above()
	}
	return x
}

// above is what times are above the least.
func (q *Quantiles) above() *Quantiles {
	if q == nil {
		return nil
	}
	return &Quantiles{Packets: q.Packets, Median: q.Median - q.Min, P95: q.P95 - q.Min, P99: q.P99 - q.Min, Max: q.Max - q.Min}
}
