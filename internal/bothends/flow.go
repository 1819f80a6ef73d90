package bothends

import (
	"net/netip"

	"allroads/trace"
)

// flow is a TCP flow in one capture.
type flow struct {
	tap        *tap
	tuple      tuple
	opened     int // which way its SYN went, -1: not seen
	isn        [2]uint32
	known      [2]bool // isn
	early      []early // until it is matched, its packets
	lost       uint64  // of them, given up
	counts     [2]uint64
	first      int64 // times
	last       int64
	numbers    [2]uint64 // first and last packet
	published  []uint64
	mptcp      bool
	payload    uint64 // identifies the first of who opened it
	hasPayload bool
	resumed    int64 // when the first packet behind those given up came
	closed     bool
	identity   identity
	pair       *pair
	turned     int   // 1: its way 0 is the pair's way 1
	next, prev *flow // in the list of the unmatched
	glimpses   [glimpsesAtMost]glimpse
	glimpse    int // the next one
}

// early is a packet of a flow that is not matched yet.
type early struct {
	packet *packet
	way    int
}

// flow finds or begins the flow of a segment.
func (c *comparison) flow(t *tap, s *trace.Segment) (*flow, int) {
	tuple, way := tupleOf(s)
	f := t.last
	if f == nil || f.tuple != tuple {
		f = t.flows[tuple]
	}
	if f != nil && f.replacedBy(s, way) {
		c.leave(f)
		f = nil
	}
	if f == nil {
		f = &flow{tap: t, tuple: tuple, opened: -1, first: t.packet.Time}
		f.numbers[0] = t.counts.Packets
		t.flows[tuple] = f
		t.counts.Flows++
		c.await(f)
	}
	t.last = f
	return f, way
}

// replacedBy reports whether a SYN begins another flow on the same addresses.
func (f *flow) replacedBy(s *trace.Segment, way int) bool {
	if s.Flags&(trace.SYN|trace.ACK|trace.RST) != trace.SYN {
		return false
	}
	if f.opened < 0 || f.opened != way {
		return f.counts[0]+f.counts[1] > 0 && f.opened != 1-way || f.closed
	}
	return f.known[way] && f.isn[way] != s.Seq
}

// see notes what a segment says about its flow, and reports whether it is one
// more copy of what was captured elsewhere in the same file.
func (f *flow) see(s *trace.Segment, way int, number uint64) (copied bool) {
	if f.copied(s, way) {
		return true
	}
	f.counts[way]++
	f.last, f.numbers[1] = max(f.last, s.Time), number
	if s.Flags&trace.SYN != 0 && !f.known[way] {
		f.isn[way], f.known[way] = s.Seq, true
		if s.Flags&trace.ACK == 0 {
			f.opened = way
		} else if f.opened < 0 {
			f.opened = 1 - way
		}
	}
	if s.Flags&(trace.FIN|trace.RST) != 0 {
		f.closed = true
	}
	return false
}

// glimpse is enough of a packet to recognize it on another interface.
type glimpse struct {
	seq, ack, value uint32
	length          uint16
	on              uint16 // interface, counted from 1
}

// glimpsesAtMost is within how many packets of a flow one may come again.
const glimpsesAtMost = 16

// copied reports whether a segment was captured on another interface just before.
func (f *flow) copied(s *trace.Segment, way int) bool {
	value, _, _ := timestamps(s.Options)
	this := glimpse{s.Seq, s.Ack, value, uint16(s.PayloadLen)<<2 | uint16(way), uint16(s.Interface + 1)}
	for _, g := range f.glimpses {
		if g.on != 0 && g.on != this.on && g.seq == this.seq && g.ack == this.ack && g.value == this.value && g.length == this.length {
			return true
		}
	}
	f.glimpses[f.glimpse] = this
	f.glimpse = (f.glimpse + 1) % glimpsesAtMost
	return false
}

// opener is which way it was opened, as far as known: 0 else.
func (f *flow) opener() int { return max(f.opened, 0) }

func (f *flow) source(way int) netip.AddrPort      { return f.tuple.end(way) }
func (f *flow) destination(way int) netip.AddrPort { return f.tuple.end(1 - way) }
