package anonymize

import (
	"net/netip"

	"allroads/trace"
	"allroads/wire"
)

// flow is a TCP flow with MPTCP, as far as the replacing needs it.
type flow struct {
	conn     *connection // nil: of a token that no key of the capture gives
	opener   netip.AddrPort
	isn      uint32 // of the SYN, if there was one
	syn      bool
	joins    bool
	openedBy side
	token    wire.Token // in the SYN that joins
	nonces   [2]uint32  // of the SYN and of the SYN/ACK
	answered bool       // the second is known
}

// flows are those that used the same two ends, one after the other.
type flows struct {
	list []*flow
	at   int // which one the packets belong to, -1: none yet; it is nil after a SYN without MPTCP
}

func (f *flows) now() *flow {
	if f == nil || f.at < 0 || f.at >= len(f.list) {
		return nil
	}
	return f.list[f.at]
}

// ends are the two of a flow, whoever sends.
type ends [2]netip.AddrPort

func endsOf(s *trace.Segment) ends {
	if s.Src.Compare(s.Dst) > 0 {
		return ends{s.Dst, s.Src}
	}
	return ends{s.Src, s.Dst}
}

// sender is the side that sends a segment of the flow.
func (f *flow) sender(s *trace.Segment) side {
	if s.Src == f.opener {
		return f.openedBy
	}
	return f.openedBy.other()
}

// table is what is known of flows and connections. It is filled by a first reading
// of all packets, and followed by a second one: learning is what tells them apart.
// It grows with the MPTCP flows of the capture, some 300 bytes for each, and with
// nothing else.
type table struct {
	secret   *secret
	learning bool
	flows    map[ends]*flows
	owners   map[wire.Token]owner
	tokens   map[wire.Token]wire.Token
	conns    int
	subflows int
}

func newTable(s *secret) *table {
	return &table{
		secret: s, learning: true, flows: map[ends]*flows{},
		owners: map[wire.Token]owner{}, tokens: map[wire.Token]wire.Token{},
	}
}

// follow finds the flow of a segment, nil if nothing is known of one. Both readings
// come to the same, since they see the same packets.
func (t *table) follow(s *trace.Segment) *flow {
	all := t.flows[endsOf(s)]
	now := all.now()
	if s.Flags&(trace.SYN|trace.ACK) == trace.SYN {
		if now != nil && now.syn && now.isn == s.Seq && now.opener == s.Src {
			return now
		}
		if all != nil || opens(s) {
			return t.next(all, s, t.opened)
		}
		return nil
	}
	if now == nil && hasKeys(s) {
		now = t.next(all, s, t.openedLate)
	}
	if now != nil && t.learning {
		t.answer(now, s)
	}
	return now
}

// next goes on to the next flow between two ends, which the first reading makes.
func (t *table) next(all *flows, s *trace.Segment, makeOne func(*trace.Segment) *flow) *flow {
	if t.learning {
		if all == nil {
			all = &flows{at: -1}
			t.flows[endsOf(s)] = all
		}
		all.list = append(all.list, makeOne(s))
	}
	if all != nil {
		all.at++
	}
	return all.now()
}

// again begins the second reading.
func (t *table) again() {
	t.learning = false
	for _, all := range t.flows {
		all.at = -1
		for _, f := range all.list {
			if f != nil && f.joins && f.conn == nil {
				t.bind(f)
			}
		}
	}
}
