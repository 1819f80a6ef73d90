package trace

import "allroads/wire"

// midwayBase is where numbers begin that count on from a start which was not
// captured: so that what comes from before the first packet has a number too. It is
// a multiple of 2^32, as a mapping's subflow sequence numbers have 32 bits.
const midwayBase = 1 << 40

// midway takes a segment of a flow whose start was not captured, and reports whether
// the flow is followed from now on.
func (a *Analyzer) midway(hash uint64, s *Segment) bool {
	var flow *subflow
	switch {
	case !a.o.Midway || s.Flags&RST != 0:
	case a.hasKeys(s):
		flow = a.openLate(hash, s)
	case a.isMPTCP(s):
		flow = a.openMidway(hash, s, a.infer(InferredOne))
	case a.o.TCP && s.PayloadLen > 0 && s.Flags&SYN == 0 && a.options.count == 0:
		conn := a.infer(InferredOne)
		conn.plain = true
		flow = a.openMidway(hash, s, conn)
		flow.initial, flow.settled = true, true
		flow.halves[flow.firstFrom].assume(s.Seq, midwayBase)
		flow.halves[flow.firstFrom.other()].assume(s.Ack, midwayBase)
		for i := range conn.streams {
			conn.streams[i].origin, conn.streams[i].acked = midwayBase-behindSYN, midwayBase-behindSYN
		}
	}
	if flow == nil {
		return false
	}
	flow.packet = a.packets.Total
	a.await(flow)
	a.follow(flow, flow.firstFrom, s)
	return true
}

// isMPTCP reports whether a segment has a DSS option.
func (a *Analyzer) isMPTCP(s *Segment) bool {
	var m wire.DSS
	return s.Flags&SYN == 0 && a.hasDSS(s, &m)
}

func (a *Analyzer) hasDSS(s *Segment, m *wire.DSS) bool {
	for i := range int(a.options.count) {
		option := a.options.mptcp(s.Options, i)
		if option.Subtype() == wire.SubtypeDSS && wire.ParseDSS(option, m) == nil {
			return true
		}
	}
	return false
}

// openMidway makes a subflow of a connection. The end with the lower port is taken
// to be the server, and the other to have opened the subflow.
func (a *Analyzer) openMidway(hash uint64, s *Segment, conn *connection) *subflow {
	first, key := *s, s.tuple
	from := fromOpener
	if s.Src.Port() < s.Dst.Port() {
		first.Src, first.Dst, key, from = s.Dst, s.Src, s.tuple.reverse(), fromOther
	}
	return a.beginMidway(hash, &first, &key, from, conn)
}

func (a *Analyzer) beginMidway(hash uint64, first *Segment, key *tuple, from direction, conn *connection) *subflow {
	flow := a.spare.subflow()
	conn.subflows = append(conn.subflows, flow)
	flow.begin(conn, len(conn.subflows), first)
	flow.firstFrom = from
	a.list(hash, key, flow)
	return flow
}

// hasKeys reports whether a segment is of the handshake of a connection, behind the
// SYN: it has the keys, or one of them.
func (a *Analyzer) hasKeys(s *Segment) bool {
	_, is := a.keysIn(s)
	return is
}

func (a *Analyzer) keysIn(s *Segment) (m wire.MPCapable, is bool) {
	for i := range int(a.options.count) {
		option := a.options.mptcp(s.Options, i)
		if option.Subtype() == wire.SubtypeMPCapable && wire.ParseMPCapable(option, &m) == nil {
			return m, s.Flags&ACK != 0 && m.HasSenderKey && (s.Flags&SYN != 0) != m.HasReceiverKey
		}
	}
	return m, false
}

// openLate makes a connection from the second or third packet of its handshake,
// which says all that the SYN has.
func (a *Analyzer) openLate(hash uint64, s *Segment) *subflow {
	m, _ := a.keysIn(s)
	first, key, from := *s, s.tuple, fromOpener
	if s.Flags&SYN != 0 {
		first.Src, first.Dst, key, from = s.Dst, s.Src, s.tuple.reverse(), fromOther
	}
	conn := a.connect()
	conn.version, conn.versionKnown = m.Version, true
	flow := a.beginMidway(hash, &first, &key, from, conn)
	flow.initial, flow.settled = true, true
	flow.halves[from.other()].assume(s.Ack-1, behindSYN)
	if from == fromOpener {
		flow.halves[from].assume(s.Seq-1, behindSYN)
	}
	return flow
}

// assume has the numbers of a direction count from another segment than the SYN.
func (h *half) assume(isn uint32, origin uint64) {
	if h.started {
		return
	}
	h.isn, h.started, h.origin, h.near = isn, true, origin, origin
}

// learn takes what a DSS option tells of an inferred connection: where the streams
// are, and which number of the subflow is which.
func (f *subflow) learn(a *Analyzer, d direction, s *Segment, m *wire.DSS) {
	a.own(f.conn)
	from := f.sender(d)
	if m.HasAck {
		f.conn.learn(from.other(), m.DataAck, m.Ack64)
	}
	if m.HasMap && m.Length > 0 {
		f.conn.learn(from, m.DSN, m.DSN64)
		f.sight(d, s, m)
	}
}

// learn takes a number of a side's stream. The high half of one of 32 bits is made
// up until one of 64 comes.
func (c *connection) learn(of side, dsn uint64, is64 bool) {
	stream := &c.streams[of]
	switch {
	case !stream.known:
		if c.narrow[of] = !is64; !is64 {
			dsn = 1<<50 | dsn&(1<<32-1)
		}
		stream.setBase(dsn - midwayBase)
		stream.origin = midwayBase
		stream.acked, stream.promised = midwayBase, midwayBase
	case c.narrow[of] && is64:
		stream.base = dsn - stream.offset(dsn, false)
		c.narrow[of] = false
	}
}
