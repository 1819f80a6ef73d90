package trace

import (
	"net/netip"

	"allroads/wire"
)

// Analyzer follows the MPTCP connections in a sequence of packets. It is not
// safe for concurrent use.
type Analyzer struct {
	interfaces []string
	flows      map[flowKey]*subflow
	tokens     map[wire.Token]owner
	conns      []*connection
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
	NotMPTCP uint64 `json:"not_mptcp"` // of flows without MPTCP, or whose start was not captured
}

// New returns an analyzer of packets that were captured on the interfaces with
// these names. A name stands for a path.
func New(interfaces []string) *Analyzer {
	return &Analyzer{
		interfaces: interfaces,
		flows:      map[flowKey]*subflow{},
		tokens:     map[wire.Token]owner{},
	}
}

// SetDropped tells how many packets the capture lost. A capture with losses
// proves nothing.
func (a *Analyzer) SetDropped(n uint64) { a.dropped = n }

// Add takes the next packet in the order of time. The packet's data may be used
// again afterwards.
func (a *Analyzer) Add(p *Packet) {
	a.packets.Total++
	var s Segment
	if err := s.Decode(p); err != nil {
		if err == ErrCut {
			a.packets.Cut++
		} else {
			a.packets.NotTCP++
		}
		return
	}
	a.segment(&s)
}

// AddSegment is Add for a packet that the caller has decoded.
func (a *Analyzer) AddSegment(s *Segment) {
	a.packets.Total++
	a.segment(s)
}

func (a *Analyzer) segment(s *Segment) {
	if s.OptionsCut {
		a.packets.Cut++
	}
	key := keyOf(s.Src, s.Dst)
	if s.Flags&(SYN|ACK) == SYN {
		a.syn(key, s)
		return
	}
	flow := a.flows[key]
	if flow == nil {
		a.packets.NotMPTCP++
		return
	}
	flow.segment(a, s)
}

// Open returns how many subflows have been opened and not closed, by a FIN each
// way or a reset.
func (a *Analyzer) Open() (n int) {
	for _, flow := range a.flows {
		if !flow.closed() {
			n++
		}
	}
	return n
}

// syn opens a flow, unless it repeats the SYN that did.
func (a *Analyzer) syn(key flowKey, s *Segment) {
	if flow := a.flows[key]; flow != nil && flow.repeats(s) {
		flow.retransmittedSYNs++
		return
	}
	delete(a.flows, key)
	for opts := options(s); opts.next(); {
		switch opts.option.Subtype() {
		case wire.SubtypeMPCapable:
			a.openConnection(key, s, opts.option)
			return
		case wire.SubtypeMPJoin:
			a.openJoin(key, s, opts.option)
			return
		}
	}
	a.packets.NotMPTCP++
}

func (a *Analyzer) openConnection(key flowKey, s *Segment, option wire.Option) {
	var capable wire.MPCapable
	if wire.ParseMPCapable(option, &capable) != nil {
		a.packets.NotMPTCP++
		return
	}
	conn := &connection{id: len(a.conns) + 1, version: capable.Version}
	conn.negotiate(&capable, "SYN", true)
	a.conns = append(a.conns, conn)
	flow := conn.addSubflow(s)
	flow.initial = true
	a.flows[key] = flow
	if capable.HasSenderKey { // in the first SYN of version 0 only
		conn.learnKey(a, client, capable.SenderKey, "SYN")
	}
}

func (a *Analyzer) openJoin(key flowKey, s *Segment, option wire.Option) {
	var join wire.MPJoin
	if wire.ParseMPJoin(option, &join) != nil || join.Form != wire.JoinSYN {
		a.packets.NotMPTCP++
		return
	}
	to, known := a.tokens[join.Token]
	if !known {
		a.orphan(s, join.Token)
		return
	}
	flow := to.conn.addSubflow(s)
	flow.opener = to.side.other()
	flow.join.syn = join
	a.flows[key] = flow
}

// maxOrphans bounds what a flood of MP_JOINs can make us remember.
const maxOrphans = 16

func (a *Analyzer) orphan(s *Segment, token wire.Token) {
	a.orphans++
	if len(a.orphanList) < maxOrphans {
		a.orphanList = append(a.orphanList, Orphan{
			Path: a.path(s.Interface), Opener: s.Src, Other: s.Dst, Token: token,
		})
	}
}

// path is the name of the interface that a packet was captured on.
func (a *Analyzer) path(index int) string {
	if index < 0 || index >= len(a.interfaces) {
		return ""
	}
	return a.interfaces[index]
}
