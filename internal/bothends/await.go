package bothends

import (
	"hash/maphash"
	"slices"

	"allroads/trace"
)

// await puts a flow into the list of those that are not matched, at its end.
func (c *comparison) await(f *flow) {
	t := f.tap
	f.prev = t.newest
	if t.newest != nil {
		t.newest.next = f
	} else {
		t.oldest = f
	}
	t.newest = f
	if c.sizes[t.number]++; c.sizes[t.number] > flowsAtMost {
		c.leave(t.oldest)
	}
}

// unlist takes a flow out of it, and forgets what identifies it.
func (c *comparison) unlist(f *flow) {
	t := f.tap
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		t.oldest = f.next
	}
	if f.next != nil {
		f.next.prev = f.prev
	} else {
		t.newest = f.prev
	}
	f.next, f.prev = nil, nil
	c.sizes[t.number]--
	for _, key := range f.published {
		if t.index[key].flow == f {
			delete(t.index, key)
		}
	}
	f.published = nil
}

// keepEarly keeps a packet of a flow that is not matched. When both captures are
// full of them, the oldest ones of both are given up.
func (c *comparison) keepEarly(f *flow, way int, p *packet) {
	if f.lost > 0 && len(f.early) == 0 {
		f.resumed = p.at
	}
	f.early = append(f.early, early{p, way})
	f.tap.waiting++
	if !c.taps[0].full() || !c.taps[1].full() {
		if !f.tap.full() || !c.taps[1-f.tap.number].ended {
			return
		}
	}
	for _, t := range c.taps {
		for old := t.oldest; old != nil && t.waiting > waitingAtMost/2; old = old.next {
			c.forget(old)
		}
	}
}

// forget gives the packets of a flow up, which may still be matched.
func (c *comparison) forget(f *flow) {
	for _, e := range f.early {
		c.drop(e.packet)
	}
	f.lost += uint64(len(f.early))
	f.tap.waiting -= len(f.early)
	f.early = nil
}

// recognize looks for the flow of a segment in the other capture.
func (c *comparison) recognize(f *flow, way int, s *trace.Segment) {
	facts(s, way, &f.tuple, func(what fact) {
		if f.pair != nil {
			return
		}
		if other, found := c.publish(f, way, s, what); found {
			here := sighting{flow: f, way: way, seq: s.Seq, ack: s.Ack, at: s.Time}
			c.match(here, other, what.basis)
		}
	})
}

// match makes a pair of two flows in which the same was seen.
func (c *comparison) match(x, y sighting, basis Basis) {
	if x.flow.tap.number == 1 {
		x, y = y, x
	}
	c.seen++
	p := &pair{number: c.seen, flows: [2]*flow{x.flow, y.flow}, basis: basis}
	opener := x.flow.opened
	if opener < 0 && y.flow.opened >= 0 {
		opener = y.flow.opened ^ x.way ^ y.way
	}
	p.openerKnown = opener >= 0
	opener = max(opener, 0)
	x.flow.turned, y.flow.turned = opener, opener^x.way^y.way
	way := x.way ^ x.flow.turned
	p.ways[way].fallback, p.ways[1-way].fallback = y.seq-x.seq, y.ack-x.ack
	if basis == ByPayload || x.ack == 0 || y.ack == 0 {
		p.ways[1-way].fallback = 0
	}
	for _, f := range p.flows {
		f.pair = p
		c.forgotten += f.lost
		c.unlist(f)
	}
	c.pairs = append(c.pairs, p)
	if !c.pace.known {
		c.pace.guess = y.at - x.at
	}
	for i, f := range p.flows {
		for j := range f.early {
			f.early[j].way ^= f.turned
		}
		p.queue[i], f.early = f.early, nil
	}
	c.advance(p, false)
}

// advance gives a pair what waits of its packets, in the order of time, as far as both
// captures have been read, at the end all: so what was sent is seen before what arrived.
func (c *comparison) advance(p *pair, all bool) {
	for len(p.queue[0])+len(p.queue[1]) > 0 {
		offset, i := c.pace.offset(), 0
		if len(p.queue[0]) == 0 || len(p.queue[1]) > 0 && p.queue[1][0].packet.at-offset < p.queue[0][0].packet.at {
			i = 1
		}
		e := p.queue[i][0]
		if !all && !c.due(i, e.packet.at) {
			return
		}
		p.queue[i] = p.queue[i][1:]
		c.taps[i].waiting--
		c.deliver(p, i, e.way, e.packet)
	}
	p.queue = [2][]early{}
}

// due reports whether the other capture has been read up to a time of this one.
func (c *comparison) due(tap int, at int64) bool {
	other := c.taps[1-tap]
	if tap == 0 {
		at += c.pace.offset()
	} else {
		at -= c.pace.offset()
	}
	return other.ended || at <= other.packet.Time
}

// deliver has a packet compared.
func (c *comparison) deliver(p *pair, tap, way int, x *packet) {
	p.learn(tap, way, x)
	if x.position != x.first()-p.ways[way].shiftAt(tap) {
		x.hashed = false // its hash is of other numbers
	}
	p.add(c, tap, way, x)
}

// weakly matches flows by their first payload: those that nothing better tells
// anything about, and of which there is one in each capture.
func (c *comparison) weakly() {
	var found [2]map[uint64][]*flow
	for i, t := range c.taps {
		found[i] = map[uint64][]*flow{}
		for f := t.oldest; f != nil; f = f.next {
			if f.hasPayload {
				found[i][f.payload] = append(found[i][f.payload], f)
			}
		}
	}
	var couples [][2]*flow
	for key, flows := range found[0] {
		if others := found[1][key]; len(flows) == 1 && len(others) == 1 {
			couples = append(couples, [2]*flow{flows[0], others[0]})
		}
	}
	slices.SortFunc(couples, func(a, b [2]*flow) int { return int(a[0].numbers[0]) - int(b[0].numbers[0]) })
	for _, couple := range couples {
		c.match(couple[0].start(), couple[1].start(), ByPayload)
	}
}

// recognizable is how much payload tells one flow from others.
const recognizable = 32

// notePayload remembers the first payload of who opened the flow.
func (c *comparison) notePayload(f *flow, way int, s *trace.Segment) {
	if f.hasPayload || way != f.opened || len(s.Payload) < recognizable || s.Seq != f.isn[way]+1 {
		return
	}
	f.payload, f.hasPayload = maphash.Bytes(c.seed, s.Payload[:recognizable]), true
}

func (f *flow) start() sighting {
	return sighting{flow: f, way: f.opened, seq: f.isn[f.opened], at: f.first}
}
