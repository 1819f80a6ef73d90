package bothends

// sweep ends what is over, at the end all.
func (c *comparison) sweep(final bool) {
	if final || c.taps[0].waiting+c.taps[1].waiting > 0 {
		c.weakly()
	}
	open := c.pairs[:0]
	for _, p := range c.pairs {
		c.advance(p, final || p.over)
		c.settle(p, final || p.over)
		if final || p.over || c.idle(p) {
			c.advance(p, true)
			c.settle(p, true)
			c.close(p)
			continue
		}
		open = append(open, p)
	}
	clear(c.pairs[len(open):])
	c.pairs = open
	for _, t := range c.taps {
		for f := t.oldest; f != nil; {
			next := f.next
			if final || t.packet.Time-f.last > asleep {
				c.leave(f)
			}
			f = next
		}
	}
}

// idle reports whether a pair is over, or as good as that.
func (c *comparison) idle(p *pair) bool {
	for i, f := range p.flows {
		quiet := c.taps[i].packet.Time - f.last
		if !c.taps[i].ended && (quiet < linger || !f.closed && quiet < asleep) {
			return false
		}
	}
	return true
}

// leave ends a flow in its capture: its addresses are used by another, or nothing
// came for long.
func (c *comparison) leave(f *flow) {
	if f.tap.flows[f.tuple] == f {
		delete(f.tap.flows, f.tuple)
	}
	if f.tap.last == f {
		f.tap.last = nil
	}
	if f.pair != nil {
		other := f.pair.flows[1-f.tap.number]
		f.pair.over = other.tap.flows[other.tuple] != other
		return
	}
	c.unlist(f)
	c.forget(f)
	c.unmatched(f)
}

// close ends a pair: what is reported of it is kept, while there is room.
func (c *comparison) close(p *pair) {
	for _, f := range p.flows {
		if f.tap.flows[f.tuple] == f {
			delete(f.tap.flows, f.tuple)
		}
		if f.tap.last == f {
			f.tap.last = nil
		}
	}
	mptcp := p.flows[0].mptcp || p.flows[1].mptcp
	if !mptcp && !c.options.TCP {
		c.result.Plain++
		return
	}
	for i := range p.ways {
		for j := range p.ways[i].taps {
			l := &p.ways[i].taps[j]
			l.data, l.bare, l.recent = nil, nil, nil
		}
	}
	if len(c.listed) < listedAtMost {
		c.listed = append(c.listed, p)
		return
	}
	c.hidden.add(p)
}

// unmatched lists a flow that is in one capture only.
func (c *comparison) unmatched(f *flow) {
	if !f.mptcp && !c.options.TCP {
		c.result.PlainUnmatched++
		return
	}
	if len(c.result.Unmatched) >= listedAtMost {
		c.result.UnmatchedHidden++
		return
	}
	way := f.opener()
	u := Unmatched{
		tap: f.tap.number, From: f.source(way), To: f.destination(way), Opened: f.opened >= 0, MPTCP: f.mptcp, Join: f.identity.join,
		Packets: f.counts[way], Answers: f.counts[1-way], First: f.numbers[0], Last: f.numbers[1], from: f.first, to: f.last,
	}
	c.result.Unmatched = append(c.result.Unmatched, u)
}
