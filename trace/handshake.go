package trace

import "allroads/wire"

// capable takes an MP_CAPABLE behind the SYN: in the SYN/ACK it brings the
// server's key; in the third packet, and on the first data, both.
func (f *subflow) capable(a *Analyzer, d direction, s *Segment, option wire.Option) {
	var m wire.MPCapable
	if f.malformed(wire.ParseMPCapable(option, &m)) {
		return
	}
	answer := d == fromOther && s.Flags&SYN != 0 && m.HasSenderKey && !m.HasReceiverKey
	third := d == fromOpener && s.Flags&SYN == 0 && m.HasSenderKey && m.HasReceiverKey
	switch {
	case !f.initial:
		f.fault("MP_CAPABLE on a subflow that joined")
	case answer && f.handshake[1]:
		f.again(m == f.capables[1], "SYN/ACK")
	case answer:
		f.handshake[1], f.capables[1] = true, m
		f.conn.negotiate(&m, "SYN/ACK", true)
		f.conn.learnKey(a, server, m.SenderKey, "SYN/ACK")
	case third:
		f.handshake[2] = true
		f.bothKeys(a, &m)
	default:
		f.fault("MP_CAPABLE where it has no place")
	}
}

func (f *subflow) bothKeys(a *Analyzer, m *wire.MPCapable) {
	source := "third packet of the handshake"
	if m.HasData {
		source = "first data packet"
	}
	f.conn.negotiate(m, source, false)
	f.conn.learnKey(a, client, m.SenderKey, source)
	f.conn.learnKey(a, server, m.ReceiverKey, source)
	if m.HasData {
		// The option stands for the mapping of the first bytes of the stream
		// (RFC 8684, section 3.1).
		f.mapped(fromOpener, &mapping{
			ssn: 1, stream: 0, length: uint64(m.DataLength),
			hasChecksum: m.HasChecksum, checksum: m.Checksum, dssLength: m.DataLength,
		})
	}
}

// join is what a handshake with MP_JOIN has brought: the first option of each
// kind, and what the keys and nonces make of the HMACs.
type join struct {
	syn, synAck, ack      wire.MPJoin
	hasSynAck, hasAck     bool
	synAckHMAC, ackHMAC   [20]byte
	canSynAck, canAckHMAC bool // the keys were known by then
}

// joined takes an MP_JOIN behind the SYN and computes what its HMAC should be.
// One that is sent again must be the same.
func (f *subflow) joined(d direction, s *Segment, option wire.Option) {
	var m wire.MPJoin
	if f.malformed(wire.ParseMPJoin(option, &m)) {
		return
	}
	keys := &f.conn.keys
	local, remote := keys[f.sender(d)], keys[f.sender(d).other()]
	known := local.known && remote.known
	j := &f.join
	switch {
	case f.initial:
		f.fault("MP_JOIN on the initial subflow")
	case m.Form == wire.JoinSYNACK && d == fromOther && s.Flags&SYN != 0:
		if j.hasSynAck {
			f.again(m == j.synAck, "SYN/ACK")
			return
		}
		f.handshake[1] = true
		f.backup[f.opener.other()] = m.Backup
		j.synAck, j.hasSynAck, j.canSynAck = m, true, known
		j.synAckHMAC = f.conn.version.JoinHMAC(local.key, remote.key, m.Nonce, j.syn.Nonce)
	case m.Form == wire.JoinACK && d == fromOpener && s.Flags&SYN == 0:
		if j.hasAck {
			f.again(m == j.ack, "ACK")
			return
		}
		f.handshake[2] = true
		j.ack, j.hasAck, j.canAckHMAC = m, true, known && j.hasSynAck
		j.ackHMAC = f.conn.version.JoinHMAC(local.key, remote.key, j.syn.Nonce, j.synAck.Nonce)
	default:
		f.fault("MP_JOIN where it has no place")
	}
}

func (f *subflow) again(same bool, packet string) {
	if !same {
		f.fault("the option of the " + packet + " was sent again, but is another")
	}
}

// repeatSYN takes the flow's SYN once more.
func (f *subflow) repeatSYN(a *Analyzer, s *Segment) {
	f.syns++
	if f.initial && !f.conn.plain && a.options.count == 0 && !s.OptionsCut {
		f.fellBack(CauseSYN, client)
	}
	f.halves[fromOpener].start(s.Seq, s.Time)
	if s.Interface != f.iface {
		f.fault("a SYN on another path")
	}
	for i := range int(a.options.count) {
		option := a.options.mptcp(s.Options, i)
		var join wire.MPJoin
		var capable wire.MPCapable
		switch option.Subtype() {
		case wire.SubtypeMPJoin:
			f.again(wire.ParseMPJoin(option, &join) == nil && !f.initial && join == f.join.syn, "SYN")
		case wire.SubtypeMPCapable:
			f.again(wire.ParseMPCapable(option, &capable) == nil && f.initial && capable == f.capables[0], "SYN")
		default:
			f.fault("an option in a SYN that has no place there")
		}
	}
}
