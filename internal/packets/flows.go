package packets

import (
	"math/rand/v2"

	"allroads/trace"
	"allroads/wire"
)

// flow is what is known of a TCP flow from its handshake. Side 0 has the lower
// address and port.
type flow struct {
	key     flowKey
	used    uint32 // when last, as flows.now
	isn     [2]uint32
	started [2]bool // isn is known
	tap     [2]int  // interface that it was captured on
	several bool    // copies of the flow have different numbers, so that none is relative to isn
	version wire.Version
	decided bool // version is known
}

// flows remember the last flows that were opened: 4 each for a number of hashes,
// of which the one longest unused gives way.
type flows struct {
	seeds [2]uint64 // whoever does not know them cannot choose flows that collide
	now   uint32
	sets  [1 << flowBits][4]flow
}

// flowBits makes for 32,768 flows, in 2.6 MB that are touched as they fill.
const flowBits = 13

func (t *flows) seed() { t.seeds = [2]uint64{rand.Uint64() | 1, rand.Uint64() | 1} }

// of returns the flow of a segment, and which of its sides sent it. A SYN opens
// one; nil is a flow whose SYNs were not seen, or are forgotten.
func (t *flows) of(s *trace.Segment) (f *flow, from int) {
	key, from := keyOf(s)
	set := &t.sets[key.hash(&t.seeds)>>(64-flowBits)]
	t.now++
	f = find(set, &key)
	if s.Flags&trace.SYN != 0 {
		if f == nil {
			f = t.oldest(set)
			*f = flow{key: key}
		}
		f.open(s, from)
	}
	if f != nil {
		f.used = t.now
	}
	return f, from
}

func find(set *[4]flow, key *flowKey) *flow {
	for i := range set {
		if set[i].key == *key {
			return &set[i]
		}
	}
	return nil
}

// oldest is the flow longest unused; an empty one is older than any.
func (t *flows) oldest(set *[4]flow) *flow {
	oldest := &set[0]
	for i := range set {
		f := &set[i]
		if f.key == (flowKey{}) {
			return f
		}
		if t.now-f.used > t.now-oldest.used {
			oldest = f
		}
	}
	return oldest
}

// open takes a SYN. One that differs from that of before belongs to another flow
// between the same ports; from another interface it may also be a copy, with a
// number that something on the way has rewritten.
func (f *flow) open(s *trace.Segment, from int) {
	if f.started[from] && f.isn[from] != s.Seq {
		if f.tap[from] != s.Interface {
			f.several = true
			return
		}
		if s.Flags&trace.ACK == 0 {
			*f = flow{key: f.key}
		}
	}
	f.isn[from], f.started[from], f.tap[from] = s.Seq, true, s.Interface
}
