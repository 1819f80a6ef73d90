package trace

import (
	"math/rand/v2"
	"net/netip"

	"allroads/wire"
)

// Analyzer follows the MPTCP connections in a sequence of packets. It is not
// safe for concurrent use.
type Analyzer struct {
	interfaces []string
	o          Options
	seeds      [2]uint64 // of the tables
	flows      table[subflow]
	waiting    waiting
	closed     memory               // flows that were open, until their addresses are used again
	tokens     map[wire.Token]owner // of connections that are open
	live       live
	inferred   []*connection // of them the latest whose start was not captured
	segment    Segment       // at hand
	options    tcpOptions    // of the segment at hand
	done       []Connection
	yield      func(*Connection) // in place of done
	over       Connection        // given to yield
	judged     judgement         // of the connections given to yield
	spare      spare
	swept      int64 // when silent connections were looked for, in the packets' time
	count      int   // connections, for their numbers
	packets    PacketCounts
	dropped    uint64
	orphans    uint64
	orphanList []Orphan
}

// owner is the end of a connection that a token stands for.
type owner struct {
	conn *connection
	side side
}

// New returns an analyzer of packets that were captured on the interfaces with
// these names. A name stands for a path.
func New(interfaces []string) *Analyzer {
	return &Analyzer{
		interfaces: interfaces,
		seeds:      [2]uint64{rand.Uint64(), rand.Uint64()},
		tokens:     map[wire.Token]owner{},
	}
}

// Rename says the interfaces' names anew, when further ones have come.
func (a *Analyzer) Rename(interfaces []string) { a.interfaces = interfaces }

// SetDropped tells how many packets the capture lost. A capture with losses
// proves nothing.
func (a *Analyzer) SetDropped(n uint64) { a.dropped = n }

// Add takes the next packet in the order of time. The packet's data may be used
// again afterwards.
func (a *Analyzer) Add(p *Packet) {
	if err := a.segment.Decode(p); err != nil {
		a.packets.Total++
		a.packets.undecoded(err)
		return
	}
	a.AddSegment(&a.segment)
}

// AddSegment is Add for a packet that the caller has decoded.
func (a *Analyzer) AddSegment(s *Segment) {
	a.packets.Total++
	if s.OptionsCut {
		a.packets.Cut++
	}
	if a.path(s.Interface) == "" {
		a.packets.NoPath++
	}
	if s.Time-a.swept > sweepEvery {
		a.sweep(s.Time)
	}
	if s.tuple.ports == 0 {
		s.tuple = tupleOf(s.Src, s.Dst)
	}
	a.options.read(s.Options)
	hash := s.tuple.hash(&a.seeds)
	flow, same := a.flows.find(hash, &s.tuple)
	switch {
	case flow != nil && flow.copies != 0 && flow.copies.has(s.Interface):
		a.packets.Copies++
	case s.Flags&(SYN|ACK) == SYN:
		a.syn(hash, flow, same, s)
	case flow == nil:
		a.unknown(hash, s)
	case same:
		a.follow(flow, fromOpener, s)
	default:
		a.follow(flow, fromOther, s)
	}
}

// tupleOf is the tuple of a segment that was not decoded here.
func tupleOf(src, dst netip.AddrPort) (t tuple) {
	t.ports = uint64(src.Port())<<16 | uint64(dst.Port())
	if src.Addr().Is4() {
		from, to := src.Addr().As4(), dst.Addr().As4()
		t.set4(append(from[:], to[:]...))
		return t
	}
	from, to := src.Addr().As16(), dst.Addr().As16()
	t.set6(from[:], to[:])
	return t
}

// Open returns how many MPTCP subflows, and plain TCP flows where these are
// followed, are not closed: neither reset, nor with a FIN each way that the other
// end has.
func (a *Analyzer) Open() int { return a.flows.used }

// follow takes a segment of a flow that is open.
func (a *Analyzer) follow(flow *subflow, d direction, s *Segment) {
	if flow.waits && d != flow.firstFrom {
		a.waiting.remove(flow)
	}
	if flow.conn.plain {
		if flow.conn.inferred != "" && a.isMPTCP(s) {
			a.forget(flow)
			a.unlist(flow.conn)
			a.unknown(flow.hash, s)
			return
		}
		a.packets.NotMPTCP++
	}
	flow.segment(a, d, s)
	if flow.closed() {
		a.close(flow)
	}
}

// list puts a flow into the table of those that are open, by the tuple of what its
// opener sends.
func (a *Analyzer) list(hash uint64, key *tuple, flow *subflow) {
	flow.hash, flow.key, flow.listed = hash, *key, true
	flow.first = a.packets.Total
	flow.conn.open++
	a.flows.put(hash, key, flow)
}

// close takes a flow out of the table, and with the last one its connection.
func (a *Analyzer) close(flow *subflow) {
	a.forget(flow)
	a.closed.add(flow)
	conn := flow.conn
	if !flow.initial && !flow.established() && !flow.used() {
		conn.giveUp(flow)
	}
	switch {
	case conn.open > 0:
	case conn.plain || conn.finished():
		a.retire(conn)
	default:
		conn.release() // Another subflow may still join.
	}
}

// forget takes a flow out of the table of those that are open.
func (a *Analyzer) forget(flow *subflow) {
	a.waiting.remove(flow)
	flow.conn.open--
	flow.listed = false
	a.flows.drop(flow.hash, flow)
}

// path is the name of the interface that a packet was captured on, "" when
// there is none.
func (a *Analyzer) path(index int) string {
	if index < 0 || index >= len(a.interfaces) {
		return ""
	}
	return a.interfaces[index]
}
