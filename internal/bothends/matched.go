package bothends

import (
	"strconv"

	"allroads/trace"
)

// matched compares a packet as both captures have it: a in the first, b in the
// second. With large packets one may be matched with several.
func (p *pair) matched(c *comparison, which int, a, b *packet) {
	w := &p.ways[which]
	a.pairs++
	b.pairs++
	w.pairs++
	w.order(a, b)
	if a.id != 0 && b.id != 0 && a.length == b.length {
		w.learnNumbers(a.id == b.id)
	}
	if a.timestamps && b.timestamps {
		w.learnStamps(a, b)
	}
	p.sample(c, which, a, b)
	p.compareHeaders(which, a, b)
	if a.cut || b.cut {
		return
	}
	p.compareOptions(which, a, b)
}

// stamps is by how much a middlebox seems to change timestamps.
type stamps struct {
	by    [2]uint32
	times int
}

// sureAfter packets it is believed.
const sureAfter = 3

// learnStamps lets packets be recognized whose timestamps are changed always by as
// much, as behind a proxy that had answered the SYN itself.
func (w *way) learnStamps(a, b *packet) {
	by := [2]uint32{b.value - a.value, b.echo - a.echo}
	s := &w.rewritten
	if by != s.by {
		*s = stamps{by: by}
	}
	if s.times++; s.times == sureAfter {
		w.taps[1].stamps = by
		w.taps[0].stamps = [2]uint32{-by[0], -by[1]}
	}
}

// learnNumbers finds out whether IPv4's identification arrives as it was sent.
func (w *way) learnNumbers(same bool) {
	if same {
		w.kept++
	} else {
		w.replaced++
	}
	w.taps[0].renumbered = w.replaced >= sureAfter && w.kept == 0
	w.taps[1].renumbered = w.taps[0].renumbered
}

// order finds what was overtaken (RFC 4737, section 3.3), for either capture as the
// receiver's: a packet that was sent before one that has arrived already.
func (w *way) order(a, b *packet) {
	for receiver, sent := range [2]*packet{b, a} {
		if sent.index >= w.late[receiver] {
			w.late[receiver] = sent.index
			continue
		}
		arrived := [2]*packet{a, b}[receiver]
		if arrived.pairs > 1 {
			continue // it is counted already: a piece of a large packet
		}
		if w.reordered[receiver]++; w.reordered[receiver] == 1 {
			w.overtaken[receiver] = arrived.number
		}
	}
}

// compareHeaders compares what is not options.
func (p *pair) compareHeaders(which int, a, b *packet) {
	w := &p.ways[which]
	if a.ttl != 0 && b.ttl != 0 {
		w.vote([2]uint8{a.ttl, b.ttl})
	}
	if a.ttl != 0 && b.ttl != 0 && a.class != b.class {
		if a.class>>2 != b.class>>2 {
			p.noted(which, "dscp", "", strconv.Itoa(int(a.class>>2)), strconv.Itoa(int(b.class>>2)), a, b)
		}
		if a.class&3 != b.class&3 {
			p.noted(which, "ecn", "", ecn(a.class), ecn(b.class), a, b)
		}
	}
	if a.length == b.length && a.window != b.window {
		p.noted(which, "window", "", strconv.Itoa(int(a.window)), strconv.Itoa(int(b.window)), a, b)
	}
	const control = trace.SYN | trace.FIN | trace.RST | trace.ACK | trace.URG | trace.ECE
	if x := (a.flags ^ b.flags) & control; a.length == b.length && x != 0 {
		p.noted(which, "flags", "", a.flags.String(), b.flags.String(), a, b)
	}
}

// vote finds what the times to live of most packets are (Boyer and Moore): those of a
// proxy's own packets are others.
func (w *way) vote(hops [2]uint8) {
	switch {
	case w.votes == 0:
		w.hops, w.votes = hops, 1
	case w.hops == hops:
		w.votes++
	default:
		w.votes--
		w.hopsVary++
	}
}

// ecn names the field of RFC 3168, section 5.
func ecn(class uint8) string {
	return [4]string{"Not-ECT", "ECT(1)", "ECT(0)", "CE"}[class&3]
}

// hops is how many routers lowered the time to live from one value to another;
// unknown when it was raised.
func hops(from, to uint8) (n int, known bool) {
	return int(from) - int(to), from != 0 && to != 0 && from >= to
}

// change is something that packets of one way have otherwise in the two captures.
type change struct {
	kind, option string
	way          int
	only         int // the capture that alone has it, -1: both have, and differ
	key          uint16
	count        uint64
	before       uint64 // packets with the option that came unaltered before the first
	text         [2]string
	first, last  [2]uint64
}

func (p *pair) changed(which int, kind, option string, a, b *packet) {
	p.note(change{kind: kind, option: option, way: which, only: -1}, a, b)
}

func (p *pair) noted(which int, kind, option, was, is string, a, b *packet) {
	p.note(change{kind: kind, option: option, way: which, only: -1, text: [2]string{was, is}}, a, b)
}

// changesAtMost are kept of a pair.
const changesAtMost = 64

func (p *pair) note(x change, a, b *packet) {
	at := [2]uint64{a.number, b.number}
	for _, known := range p.changes {
		if known.kind == x.kind && known.option == x.option && known.way == x.way && known.only == x.only {
			known.count++
			known.last = at
			return
		}
	}
	if len(p.changes) == changesAtMost {
		return
	}
	x.count, x.first, x.last = 1, at, at
	p.changes = append(p.changes, &x)
}
