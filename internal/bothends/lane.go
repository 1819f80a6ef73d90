package bothends

import (
	"slices"

	"allroads/trace"
)

// lane is one way of a pair in one capture.
type lane struct {
	near       int64 // where sequence numbers are about
	high       int64 // behind the highest byte
	acked      int64 // the highest acknowledgement
	longest    int64 // payload of a packet
	packets    uint64
	carrying   uint64 // of them, with payload
	bytes      uint64 // of payload
	data       []piece
	bare       []bare
	recent     []twin // packets that were matched
	at         int    // in recent
	missed     missed
	stamps     [2]uint32 // by how much timestamps are above those in the other capture, as far as known
	renumbered bool      // something changes IPv4's identification on the way
	doubled    uint64    // packets that came once more
	double     uint64    // packet number of the first
}

// piece is payload that was not found in the other capture, yet. Those of a lane are
// sorted by where they begin, then by occurrence.
type piece struct {
	from, to int64
	start    int64 // where the packet's payload begins
	packet   *packet
}

// bare is a packet without payload that was not found, yet: sorted by
// acknowledgement.
type bare struct {
	ack, seq int64
	packet   *packet
}

// twin is enough of a packet to recognize a copy.
type twin struct {
	seq, ack, value uint32
	length          int32
	id              uint16
	flags           trace.TCPFlags
	window          uint16
	options         uint32 // a sum of them
}

const twinsAtMost = 64

func twinOf(x *packet) twin {
	sum := uint32(2166136261) // FNV-1a
	for _, b := range x.options() {
		sum = (sum ^ uint32(b)) * 16777619
	}
	return twin{x.seq, x.ack, x.value, int32(x.length), x.id, x.flags, x.window, sum}
}

func (l *lane) remember(x *packet) {
	if len(l.recent) < twinsAtMost {
		l.recent = append(l.recent, twinOf(x))
		return
	}
	l.recent[l.at] = twinOf(x)
	l.at = (l.at + 1) % twinsAtMost
}

// copied reports whether a packet is a copy of one that was matched, or that waits.
func (l *lane) copied(x *packet, start, ack int64) bool {
	this := twinOf(x)
	found := slices.Contains(l.recent, this)
	if x.length > 0 {
		for i := l.from(start); !found && i < len(l.data) && l.data[i].from == start; i++ {
			found = twinOf(l.data[i].packet) == this
		}
	} else {
		for i := l.firstBare(ack); !found && i < len(l.bare) && l.bare[i].ack == ack; i++ {
			found = twinOf(l.bare[i].packet) == this
		}
	}
	if !found {
		return false
	}
	if l.doubled++; l.doubled == 1 {
		l.double = x.number
	}
	return true
}

// from is where the first piece is that begins at a position or behind it.
func (l *lane) from(position int64) int {
	i, _ := slices.BinarySearchFunc(l.data, position, func(p piece, at int64) int {
		if p.from < at {
			return -1
		}
		return 1
	})
	return i
}

// alike tells how well a packet of the other capture agrees with one of this lane,
// besides their numbers; below 0 they cannot be the same.
func (l *lane) alike(x, y *packet) (score int) {
	if x.timestamps && y.timestamps {
		switch {
		case x.value+l.stamps[0] == y.value && (x.echo+l.stamps[1] == y.echo || x.echo == y.echo):
			score += 8
		case !x.fresh || !y.fresh:
			return -1
		}
	}
	if x.id != 0 && y.id != 0 && !l.renumbered {
		// A card counts the pieces of a large packet up.
		d := x.id - y.id
		switch {
		case d == 0 || x.length > y.length && -d < 64 || x.length < y.length && d < 64:
			score += 4
		case x.length == y.length && !(x.fresh && y.fresh):
			return -1
		}
	}
	if string(x.options()) == string(y.options()) {
		score += 2
	}
	if x.window == y.window {
		score++
	}
	return score
}

// perfect is the least that two packets agree that are the same in all that is
// compared.
func perfect(x, y *packet) bool {
	return x.window == y.window && string(x.options()) == string(y.options())
}

// find is the oldest best piece that has the byte at a position.
func (l *lane) find(position int64, x *packet) (best int) {
	i, _ := slices.BinarySearchFunc(l.data, position-l.longest, func(p piece, at int64) int {
		if p.from <= at {
			return -1
		}
		return 1
	})
	best, most := -1, -1
	for ; i < len(l.data) && l.data[i].from <= position; i++ {
		if l.data[i].to <= position {
			continue
		}
		score := l.alike(x, l.data[i].packet)
		if score < 0 {
			continue
		}
		if best < 0 || score > most || score == most && l.data[i].packet.index < l.data[best].packet.index {
			best, most = i, score
		}
	}
	return best
}

// after is where the next piece begins behind a position, at most to.
func (l *lane) after(position, to int64, x *packet) int64 {
	i, _ := slices.BinarySearchFunc(l.data, position, func(p piece, at int64) int {
		if p.from <= at {
			return -1
		}
		return 1
	})
	for ; i < len(l.data) && l.data[i].from < to; i++ {
		if l.alike(x, l.data[i].packet) >= 0 {
			return l.data[i].from
		}
	}
	return to
}

func (l *lane) insert(p piece) {
	i := len(l.data)
	for i > 0 && l.data[i-1].from > p.from {
		i--
	}
	l.data = slices.Insert(l.data, i, p)
}

// use takes from..to out of a piece.
func (l *lane) use(i int, from, to int64) {
	p := &l.data[i]
	switch {
	case p.from == from && p.to == to:
		if i == 0 && len(l.data) > 256 {
			l.data = l.data[1:]
		} else {
			l.data = slices.Delete(l.data, i, i+1)
		}
	case p.to == to:
		p.to = from
	case p.from == from:
		rest := *p
		rest.from = to
		l.data = slices.Delete(l.data, i, i+1)
		l.insert(rest)
	default:
		rest := *p
		rest.from, p.to = to, from
		l.insert(rest)
	}
}
