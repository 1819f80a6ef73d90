package bothends

import (
	"slices"

	"allroads/trace"
)

// addData looks for a packet's payload in the other capture, by ranges of bytes: one
// side may see large packets that a card cuts, or joins, and the other what is on the
// wire.
func (p *pair) addData(c *comparison, tap, which int, x *packet, start int64) {
	w := &p.ways[which]
	own, other := &w.taps[tap], &w.taps[1-tap]
	end := start + x.length
	here := piece{from: start, to: end, start: start, packet: x}
	holes := c.holes[:0]
	for at := start; at < end; {
		i := other.find(at, x)
		if i < 0 {
			hole := here
			hole.from, hole.to = at, other.after(at, end, x)
			holes, at = append(holes, hole), hole.to
			continue
		}
		there := other.data[i]
		to := min(end, there.to)
		other.use(i, at, to)
		other.settled(c, p, w, which, tap, there, here, at, to)
		at = to
	}
	c.holes = holes
	if x.pairs == 0 && !x.fresh && own.copied(x, start, 0) {
		c.drop(x)
		return
	}
	for _, hole := range holes {
		own.insert(hole)
		c.taps[tap].loose++
	}
	if x.pairs > 0 {
		own.remember(x)
	}
	if x.left == 0 {
		c.drop(x)
	}
}

// settled takes payload that was found; l is the lane of there.
func (l *lane) settled(c *comparison, p *pair, w *way, which, tap int, there, here piece, from, to int64) {
	c.taps[1-tap].loose -= l.gone(there, from, to)
	there.packet.left -= to - from
	here.packet.left -= to - from
	w.bytes += uint64(to - from)
	a, b := &here, &there
	if tap == 1 {
		a, b = b, a
	}
	if ended, same := w.chain.add(a, b, from, to); ended {
		w.compared += uint64(to - min(a.start, b.start))
		if !same {
			p.changed(which, "payload", "", a.packet, b.packet)
		}
	}
	first := there.packet.pairs == 0
	p.matched(c, which, a.packet, b.packet)
	if first {
		l.remember(there.packet)
	}
	if there.packet.left == 0 {
		c.drop(there.packet)
	}
}

// gone is by how many pieces there are fewer when from..to is found of one.
func (l *lane) gone(p piece, from, to int64) int {
	n := 1
	if from > p.from {
		n--
	}
	if to < p.to {
		n--
	}
	return n
}

// addBare looks for a packet without payload.
func (p *pair) addBare(c *comparison, tap, which int, x *packet, seq, ack int64) {
	w := &p.ways[which]
	own, other := &w.taps[tap], &w.taps[1-tap]
	i, best, most := other.firstBare(ack), -1, -1
	for ; i < len(other.bare) && other.bare[i].ack == ack; i++ {
		y := &other.bare[i]
		if y.seq != seq || (y.packet.flags^x.flags)&(trace.SYN|trace.FIN|trace.RST|trace.ACK) != 0 {
			continue
		}
		if score := other.alikeBare(x, y.packet); score > most {
			best, most = i, score
		}
	}
	if best < 0 || !perfect(x, other.bare[best].packet) && own.copied(x, 0, ack) {
		if best >= 0 {
			c.drop(x)
			return
		}
		if !x.fresh && own.copied(x, 0, ack) {
			c.drop(x)
			return
		}
		own.insertBare(bare{ack, seq, x})
		c.taps[tap].loose++
		return
	}
	y := other.bare[best].packet
	other.bare = slices.Delete(other.bare, best, best+1)
	c.taps[1-tap].loose--
	a, b := x, y
	if tap == 1 {
		a, b = y, x
	}
	p.matched(c, which, a, b)
	own.remember(x)
	other.remember(y)
	c.drop(x)
	c.drop(y)
}

// alikeBare is alike, for handshakes too, which proxies give timestamps of their own.
func (l *lane) alikeBare(x, y *packet) int {
	if score := l.alike(x, y); score >= 0 || x.flags&trace.RST == 0 {
		return score
	}
	return 0
}

func (l *lane) firstBare(ack int64) int {
	i, _ := slices.BinarySearchFunc(l.bare, ack, func(b bare, ack int64) int {
		if b.ack < ack {
			return -1
		}
		return 1
	})
	return i
}

func (l *lane) insertBare(b bare) {
	i := len(l.bare)
	for i > 0 && l.bare[i-1].ack > b.ack {
		i--
	}
	l.bare = slices.Insert(l.bare, i, b)
}
