package bothends

import "allroads/trace"

// pair is a TCP flow in both captures. Its way 0 is from who opened it, as far as
// that is known.
type pair struct {
	number      int
	flows       [2]*flow
	basis       Basis
	ways        [2]way
	openerKnown bool
	oriented    bool
	forward     bool       // way 0 is from capture 0 to capture 1
	queue       [2][]early // packets that the other capture is not read far enough for
	changes     []*change
	over        bool     // both captures have other flows on its addresses now
	waiting     []sample // until it is known which way they go
}

// way is one direction of a pair.
type way struct {
	taps     [2]lane
	base     [2]uint32 // the sequence number that counts as 0, in each capture
	known    [2]bool   // base
	fallback uint32    // how much higher base is in capture 1, where no SYN tells

	pairs          uint64 // packets of one capture found in the other
	bytes          uint64 // payload found in both
	least          int64  // time in capture 1 less that in capture 0
	most           int64
	late           [2]int64 // in the order of each capture, what came furthest
	reordered      [2]uint64
	overtaken      [2]uint64 // packet number of the first
	compared       uint64    // bytes of payload that were compared
	chain          chain
	rewritten      stamps
	kept, replaced uint64           // packets with the same identification, and with another
	carried        [2][slots]uint32 // packets with an option, of those matched
	hops           [2]uint8         // times to live of most packets
	votes          int
	hopsVary       uint64 // packets with others
	mss            int64  // the largest segment that the other end takes; 0: unknown
	delays         delays
}

// learn takes what a SYN tells.
func (p *pair) learn(tap, way int, x *packet) {
	if w := &p.ways[way]; x.flags&trace.SYN != 0 && !w.known[tap] {
		w.base[tap], w.known[tap] = x.seq, true
	}
	if x.flags&trace.SYN != 0 {
		if mss := largest(x.options()); mss > 0 && (p.ways[1-way].mss == 0 || mss < p.ways[1-way].mss) {
			p.ways[1-way].mss = mss
		}
	}
}

// shiftAt is by how much sequence numbers in a capture are above the other's, as
// far as known.
func (w *way) shiftAt(tap int) uint32 {
	if tap == 0 {
		return 0
	}
	if w.known[0] && w.known[1] {
		return w.base[1] - w.base[0]
	}
	return w.fallback
}

// position is a sequence number's, counted from the SYN or else from the first that
// was seen, without wrapping around.
func (w *way) position(tap int, seq uint32) int64 {
	if !w.known[tap] {
		w.known[tap] = true
		switch {
		case !w.known[1-tap]:
			w.base[tap] = seq
		case tap == 0:
			w.base[0] = w.base[1] - w.fallback
		default:
			w.base[1] = w.base[0] + w.fallback
		}
	}
	near := w.taps[tap].near
	return near + int64(int32(seq-w.base[tap]-uint32(near)))
}

// add takes a packet of one capture.
func (p *pair) add(c *comparison, tap, which int, x *packet) {
	p.learn(tap, which, x)
	w := &p.ways[which]
	l := &w.taps[tap]
	l.packets++
	l.bytes += uint64(x.length)
	x.index = int64(l.packets)
	start, ack := w.position(tap, x.first()), int64(0)
	if x.flags&trace.ACK != 0 {
		ack = p.ways[1-which].position(tap, x.ack)
	}
	end := start + x.length
	x.fresh = end > l.high && x.length > 0 || ack > l.acked || x.flags&trace.SYN != 0 || l.packets == 1
	l.high, l.acked = max(l.high, end), max(l.acked, ack)
	if end > l.near && end-l.near < 1<<30 {
		l.near = end
	}
	if x.length > 0 && x.flags&trace.RST == 0 {
		l.carrying++
		l.longest = max(l.longest, x.length)
		p.addData(c, tap, which, x, start)
		return
	}
	p.addBare(c, tap, which, x, start, ack)
}
