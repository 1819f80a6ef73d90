package trace

import "allroads/wire"

// What a flood of SYNs can make us remember: flows without an answer, and joins
// of unknown connections.
const (
	maxHalfOpen = 1 << 14
	maxOrphans  = 16
)

// syn opens a flow, unless it repeats the SYN that did.
func (a *Analyzer) syn(key flowKey, flow *subflow, s *Segment) {
	if flow != nil && flow.repeats(s) {
		flow.last, flow.packet = s.Time, a.packets.Total
		flow.repeatSYN(s)
		return
	}
	if flow != nil {
		flow.fault("another SYN on its addresses, while it was open")
		a.close(key, flow)
	}
	delete(a.closed.flows, key)
	var first wire.Option
	for opts := options(s); opts.next(); {
		kind := opts.option.Subtype()
		if first != nil || kind != wire.SubtypeMPCapable && kind != wire.SubtypeMPJoin {
			a.packets.Stray++
			continue
		}
		first = opts.option
	}
	if first == nil {
		a.packets.NotMPTCP++
		return
	}
	a.open(key, s, first)
}

func (a *Analyzer) open(key flowKey, s *Segment, option wire.Option) {
	if a.halfOpen >= maxHalfOpen {
		a.packets.Refused++
		return
	}
	var flow *subflow
	if option.Subtype() == wire.SubtypeMPCapable {
		flow = a.openConnection(s, option)
	} else {
		flow = a.openJoin(s, option)
	}
	if flow == nil {
		return
	}
	flow.packet = a.packets.Total
	flow.note(EventOpened, flow.opener, "")
	flow.conn.open++
	a.halfOpen++
	a.flows[key] = flow
}

func (a *Analyzer) openConnection(s *Segment, option wire.Option) *subflow {
	var m wire.MPCapable
	if wire.ParseMPCapable(option, &m) != nil {
		a.packets.Stray++
		return nil
	}
	a.count++
	conn := a.spare.connection()
	conn.id, conn.version, conn.brief = a.count, m.Version, a.brief
	conn.negotiate(&m, "SYN", true)
	a.conns[conn.id] = conn
	flow := conn.addSubflow(a.spare.subflow(), s)
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
		return nil
	}
	flow := to.conn.addSubflow(a.spare.subflow(), s)
	flow.opener = to.side.other()
	flow.join.syn = m
	flow.backup[flow.opener] = m.Backup
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
