package trace

import "allroads/wire"

// maxOrphans bounds how many joins of unknown connections are described.
const maxOrphans = 16

// syn opens a flow, unless it repeats the SYN that did.
func (a *Analyzer) syn(hash uint64, flow *subflow, same bool, s *Segment) {
	if flow != nil && same && flow.repeats(s) {
		if a.copied(flow, s) {
			return
		}
		flow.last, flow.packet = s.Time, a.packets.Total
		flow.repeatSYN(a, s)
		return
	}
	if flow == nil && a.copiedLate(hash, s) {
		return
	}
	if flow != nil {
		flow.replaced()
		a.close(flow)
	}
	a.closed.drop(hash, &s.tuple)
	first := a.opening(s)
	if first == nil {
		a.packets.NotMPTCP++
		if !a.o.TCP {
			return
		}
	}
	a.open(hash, s, first)
}

// opening is the option of a SYN that opens a connection or joins one, nil if it
// has none.
func (a *Analyzer) opening(s *Segment) (first wire.Option) {
	for i := range int(a.options.count) {
		option := a.options.mptcp(s.Options, i)
		kind := option.Subtype()
		if first != nil || kind != wire.SubtypeMPCapable && kind != wire.SubtypeMPJoin {
			a.packets.Stray++
			continue
		}
		first = option
	}
	return first
}

func (a *Analyzer) open(hash uint64, s *Segment, option wire.Option) {
	var flow *subflow
	switch {
	case option == nil:
		flow = a.openPlain(s)
	case option.Subtype() == wire.SubtypeMPCapable:
		flow = a.openConnection(s, option)
	default:
		flow = a.openJoin(s, option)
	}
	if flow == nil {
		return
	}
	flow.packet = a.packets.Total
	flow.halves[fromOpener].scale(a.options.shift, s)
	flow.note(EventOpened, flow.opener, "")
	a.list(hash, &s.tuple, flow)
	a.await(flow)
}

// connect makes a connection.
func (a *Analyzer) connect() *connection {
	a.count++
	conn := a.spare.connection()
	conn.id, conn.brief, conn.chart, conn.payload = a.count, a.o.Brief, a.o.Chart, a.o.Payload
	a.live.add(conn)
	return conn
}

func (a *Analyzer) openPlain(s *Segment) *subflow {
	conn := a.connect()
	conn.plain = true
	flow := a.addSubflow(conn, s)
	flow.initial = true
	return flow
}

func (a *Analyzer) openConnection(s *Segment, option wire.Option) *subflow {
	var m wire.MPCapable
	if wire.ParseMPCapable(option, &m) != nil {
		a.packets.Stray++
		return nil
	}
	conn := a.connect()
	conn.version, conn.versionKnown = m.Version, true
	conn.negotiate(&m, "SYN", true)
	flow := a.addSubflow(conn, s)
	flow.initial, flow.capables[0] = true, m
	if m.HasSenderKey { // in the first SYN of version 0 only
		conn.learnKey(a, client, m.SenderKey, "SYN")
	}
	return flow
}

func (a *Analyzer) openJoin(s *Segment, option wire.Option) *subflow {
	var m wire.MPJoin
	if wire.ParseMPJoin(option, &m) != nil || m.Form != wire.JoinSYN {
		a.packets.Stray++
		return nil
	}
	to, known := a.tokens[m.Token]
	if !known {
		a.orphan(s, m.Token)
		if !a.o.Midway {
			return nil
		}
		to = a.inferFromToken(m.Token)
	}
	flow := a.addSubflow(to.conn, s)
	flow.opener = to.side.other()
	flow.join.syn = m
	flow.backup[flow.opener] = m.Backup
	return flow
}

// addSubflow takes a new subflow, which its SYN has opened.
func (a *Analyzer) addSubflow(c *connection, syn *Segment) *subflow {
	flow, id := c.takeFutile(), len(c.subflows)+1
	if flow != nil {
		id = flow.id
		flow.empty()
	} else {
		flow = a.spare.subflow()
		c.subflows = append(c.subflows, flow)
	}
	flow.start(c, id, syn)
	return flow
}

func (a *Analyzer) orphan(s *Segment, token wire.Token) {
	a.orphans++
	if len(a.orphanList) < maxOrphans {
		a.orphanList = append(a.orphanList, Orphan{
			Path: a.path(s.Interface), Opener: s.Src, Other: s.Dst, Token: token,
		})
	}
}
