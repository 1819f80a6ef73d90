package bothends

import "allroads/trace"

// sample is a packet's times in both captures.
type sample struct {
	at   int64 // in the first
	more int64 // in the second, less at
	way  int
}

// samplesAtMost are waited with until it is known which way they go.
const samplesAtMost = 256

// sample takes the times of a packet, if it is certain that both captures' are the
// same one: not of retransmissions (as Karn's algorithm), but those of which IPv4's
// identification tells.
func (p *pair) sample(c *comparison, which int, a, b *packet) {
	w := &p.ways[which]
	more := b.at - a.at
	if w.pairs == 1 {
		w.least, w.most = more, more
	}
	w.least, w.most = min(w.least, more), max(w.most, more)
	if !(a.fresh && b.fresh) && (a.id == 0 || a.id != b.id) {
		return
	}
	if a.flags&trace.SYN != 0 && (w.shiftAt(1) != 0 || a.timestamps && a.value != b.value) {
		return // a proxy's handshake
	}
	s := sample{at: a.at, more: more, way: which}
	if !p.oriented {
		p.orient(c, s)
		return
	}
	p.time(c, s)
}

// orient finds out which way packets go: what goes from the first capture to the
// second is later in the second, by any clock, than what comes back.
func (p *pair) orient(c *comparison, s sample) {
	for _, other := range p.waiting {
		if other.way != s.way && other.more != s.more {
			p.oriented, p.forward = true, (s.more > other.more) == (s.way == 0)
			break
		}
	}
	if len(p.waiting) < samplesAtMost {
		p.waiting = append(p.waiting, s)
	}
	if !p.oriented {
		return
	}
	if p.openerKnown && !p.flows[0].identity.join {
		if p.forward {
			c.turned[0]++
		} else {
			c.turned[1]++
		}
	}
	for _, s := range p.waiting {
		p.time(c, s)
	}
	p.waiting = nil
}

// time has a sample counted.
func (p *pair) time(c *comparison, s sample) {
	toSecond := p.forward == (s.way == 0)
	c.pace.bound(s.at, s.more, toSecond)
	c.clock.bound(s.at, s.more, toSecond)
	p.ways[s.way].delays.add(s)
}
