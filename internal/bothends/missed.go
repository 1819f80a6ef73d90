package bothends

import "allroads/trace"

// missed is what one capture has and the other does not.
type missed struct {
	packets  uint64 // nothing of them was found
	partly   uint64 // some of their payload was not
	bytes    uint64 // of payload
	segments uint64 // as they are on the wire, when that is known
	vague    bool   // it is not
	first    uint64 // number of the first packet
	resets   uint64 // of packets, with RST
	reset    uint64 // number of the first
	unsent   uint64 // of packets, with payload beyond what the other capture ever saw
	outside  uint64 // not counted above: the other capture had not begun, or had ended
}

// settle counts what is not going to be found any more: all of it at the end, else
// what is long overdue.
func (c *comparison) settle(p *pair, final bool) {
	for which := range p.ways {
		for tap := range p.ways[which].taps {
			l := &p.ways[which].taps[tap]
			pieces, bares := l.data[:0], l.bare[:0]
			for _, x := range l.data {
				if !final && !c.overdue(p, which, tap, x.packet) {
					pieces = append(pieces, x)
					continue
				}
				c.miss(p, which, tap, x.packet, x.to-x.from)
			}
			for _, x := range l.bare {
				if !final && !c.overdue(p, which, tap, x.packet) {
					bares = append(bares, x)
					continue
				}
				c.miss(p, which, tap, x.packet, 0)
			}
			clear(l.data[len(pieces):])
			clear(l.bare[len(bares):])
			l.data, l.bare = pieces, bares
		}
	}
}

// edgeSlack is added to what delays were seen, since few may have been: at the edges
// of a capture it is better not to know than to call lost what is not.
const edgeSlack = 3 * second / 1000

// expected is when a packet ought to be in the other capture, by its clock: between
// two times.
func (c *comparison) expected(p *pair, which, tap int, x *packet) (from, to int64) {
	w := &p.ways[which]
	least, most := w.least, w.most
	if w.pairs == 0 {
		least, most = c.pace.offset()-second/2, c.pace.offset()+second/2
	}
	slack := most - least + edgeSlack
	least, most = least-slack, most+slack
	if tap == 0 {
		return x.at + least, x.at + most
	}
	return x.at - most, x.at - least
}

func (c *comparison) overdue(p *pair, which, tap int, x *packet) bool {
	_, to := c.expected(p, which, tap, x)
	other := c.taps[1-tap]
	return !other.ended && other.packet.Time > to+horizon
}

// miss counts a packet, or as many bytes of it.
func (c *comparison) miss(p *pair, which, tap int, x *packet, bytes int64) {
	l, other := &p.ways[which].taps[tap], &p.ways[which].taps[1-tap]
	m := &l.missed
	c.taps[tap].loose--
	from, to := c.expected(p, which, tap, x)
	begun := max(c.taps[1-tap].counts.First, p.flows[1-tap].resumed)
	if from < begun || to > c.taps[1-tap].counts.Last {
		if x.left == bytes {
			m.outside++
		}
		return
	}
	if m.first == 0 || x.number < m.first {
		m.first = x.number
	}
	m.bytes += uint64(bytes)
	x.left -= bytes
	if x.pairs > 0 {
		if x.left == 0 {
			m.partly++
		}
	} else if x.left == 0 {
		m.packets++
		if end := p.ways[which].position(tap, x.first()) + x.length; bytes > 0 && end > other.high {
			m.unsent++
		}
	}
	if x.flags&trace.RST != 0 {
		if m.resets++; m.resets == 1 {
			m.reset = x.number
		}
	}
	size, known := p.ways[which].segment(tap)
	m.vague = m.vague || !known
	if bytes > 0 && known {
		m.segments += uint64((bytes + size - 1) / size)
	}
	if x.left == 0 {
		c.drop(x)
	}
}

// usualSegment is the payload of a packet on Ethernet, where no SYN tells.
const usualSegment = 1460

// segment is how much payload a segment has on the wire that is a part of what a
// capture sees as one packet.
func (w *way) segment(tap int) (size int64, known bool) {
	mss := w.mss
	if mss == 0 {
		mss = usualSegment
	}
	own, other := w.taps[tap].longest, w.taps[1-tap].longest
	switch {
	case own <= mss:
		return max(own, 1), true
	case other > 0 && other <= mss:
		return other, true
	}
	return 0, false
}
