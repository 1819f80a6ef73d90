package trace

import (
	"errors"
	"net/netip"

	"allroads/wire"
)

// Analyzer follows the MPTCP connections in a sequence of packets. It is not
// safe for concurrent use.
type Analyzer struct {
	interfaces []string
	flows      map[flowKey]*subflow // that are open
	recent     recent
	closed     memory               // that were, until their addresses are used again
	tokens     map[wire.Token]owner // of connections that are open
	conns      map[int]*connection  // that are open, by number
	done       []Connection
	yield      func(*Connection) // in place of done
	over       Connection        // given to yield
	brief      bool
	spare      spare
	swept      int64 // when silent connections were looked for, in the packets' time
	count      int   // connections, for their numbers
	halfOpen   int   // flows without a SYN/ACK
	packets    PacketCounts
	dropped    uint64
	orphans    uint64
	orphanList []Orphan
}

// flowKey names a TCP flow whichever way its packets go: by its two ends in
// their natural order.
type flowKey struct{ low, high netip.AddrPort }

func keyOf(a, b netip.AddrPort) flowKey {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return flowKey{a, b}
}

// owner is the end of a connection that a token stands for.
type owner struct {
	conn *connection
	side side
}

// PacketCounts say what became of the packets.
type PacketCounts struct {
	Total    uint64 `json:"total"`     // given to the analyzer
	NotTCP   uint64 `json:"not_tcp"`   // other protocols, and fragments but the first
	Cut      uint64 `json:"cut"`       // too little captured to read headers or options
	NoPath   uint64 `json:"no_path"`   // captured on an interface that has no name
	NotMPTCP uint64 `json:"not_mptcp"` // of flows without MPTCP, closed, or whose start was not captured
	Stray    uint64 `json:"stray"`     // handshakes of no connection, or data behind the end of a subflow
	Refused  uint64 `json:"refused"`   // SYNs beyond what can be followed at once
}

// New returns an analyzer of packets that were captured on the interfaces with
// these names. A name stands for a path.
func New(interfaces []string) *Analyzer {
	return &Analyzer{
		interfaces: interfaces,
		flows:      map[flowKey]*subflow{},
		closed:     memory{flows: map[flowKey]ended{}},
		conns:      map[int]*connection{},
		tokens:     map[wire.Token]owner{},
	}
}

// SetDropped tells how many packets the capture lost. A capture with losses
// proves nothing.
func (a *Analyzer) SetDropped(n uint64) { a.dropped = n }

// Add takes the next packet in the order of time. The packet's data may be used
// again afterwards.
func (a *Analyzer) Add(p *Packet) {
	var s Segment
	switch err := s.Decode(p); {
	case err == nil:
		a.AddSegment(&s)
		return
	case errors.Is(err, ErrCut):
		a.packets.Cut++
	default:
		a.packets.NotTCP++
	}
	a.packets.Total++
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
	flow := a.find(s)
	switch {
	case s.Flags&(SYN|ACK) == SYN:
		a.syn(keyOf(s.Src, s.Dst), flow, s)
	case flow == nil:
		a.unknown(keyOf(s.Src, s.Dst), s)
	default:
		a.follow(flow, s)
	}
}

// find returns the open flow that a segment belongs to, nil if there is none.
func (a *Analyzer) find(s *Segment) *subflow {
	if flow := a.recent.find(s); flow != nil {
		return flow
	}
	flow := a.flows[keyOf(s.Src, s.Dst)]
	if flow != nil {
		a.recent.keep(s, flow)
	}
	return flow
}

// Open returns how many MPTCP subflows are not closed: neither reset, nor with
// a FIN each way that the other end has.
func (a *Analyzer) Open() int { return len(a.flows) }

func (a *Analyzer) follow(flow *subflow, s *Segment) {
	answered := flow.halves[fromOther].started
	flow.segment(a, s)
	if !answered && flow.halves[fromOther].started {
		a.halfOpen--
	}
	if flow.closed() {
		a.close(keyOf(s.Src, s.Dst), flow)
	}
}

// close takes a flow out of the table, and with the last one its connection.
func (a *Analyzer) close(key flowKey, flow *subflow) {
	a.forget(key, flow)
	conn := flow.conn
	if conn.open > 0 {
		return
	}
	if !conn.finished() {
		conn.release() // Another subflow may still join.
		return
	}
	a.retire(conn)
}

// forget takes a flow out of the table of those that are open.
func (a *Analyzer) forget(key flowKey, flow *subflow) {
	if !flow.halves[fromOther].started {
		a.halfOpen--
	}
	flow.conn.open--
	delete(a.flows, key)
	a.recent.drop(flow)
	a.closed.add(key, flow)
}

// path is the name of the interface that a packet was captured on, "" when
// there is none.
func (a *Analyzer) path(index int) string {
	if index < 0 || index >= len(a.interfaces) {
		return ""
	}
	return a.interfaces[index]
}
