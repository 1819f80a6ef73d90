package trace

import "allroads/wire"

// capable takes an MP_CAPABLE behind the SYN: in the SYN/ACK it brings the
// server's key; in the third packet, and on the first data, both.
func (f *subflow) capable(a *Analyzer, d direction, s *Segment, option wire.Option) {
	var m wire.MPCapable
	if f.malformed(wire.ParseMPCapable(option, &m)) {
		return
	}
	if !f.initial {
		f.fault("MP_CAPABLE on a subflow that joined")
		return
	}
	conn := f.conn
	if d == fromOther {
		f.handshake[1] = true
		conn.negotiate(&m, "SYN/ACK", true)
		conn.learnKey(a, server, m.SenderKey, "SYN/ACK")
		return
	}
	source := "third packet of the handshake"
	if m.HasData {
		source = "first data packet"
	}
	conn.negotiate(&m, source, false)
	if m.HasSenderKey {
		conn.learnKey(a, client, m.SenderKey, source)
	}
	if m.HasReceiverKey {
		f.handshake[2] = true
		conn.learnKey(a, server, m.ReceiverKey, source)
	}
	if m.HasData {
		// The option stands for the mapping of the first bytes of the stream
		// (RFC 8684, section 3.1).
		f.mapped(d, mapping{
			ssn: 1, stream: 0, length: uint64(m.DataLength),
			checked: m.HasChecksum, checksum: m.Checksum, dssLen: m.DataLength,
		})
	}
}

// joined takes an MP_JOIN behind the SYN and computes what its HMAC should be.
func (f *subflow) joined(d direction, s *Segment, option wire.Option) {
	var m wire.MPJoin
	if f.malformed(wire.ParseMPJoin(option, &m)) {
		return
	}
	keys := &f.conn.keys
	local, remote := keys[f.sender(d)], keys[f.sender(d).other()]
	known := local.known && remote.known
	join := &f.join
	switch {
	case f.initial:
		f.fault("MP_JOIN on the initial subflow")
	case m.Form == wire.JoinSYNACK && d == fromOther && s.Flags&SYN != 0:
		f.handshake[1] = true
		join.synAck, join.hasSynAck, join.canSynAck = m, true, known
		join.synAckHMAC = f.conn.version.JoinHMAC(local.key, remote.key, m.Nonce, join.syn.Nonce)
	case m.Form == wire.JoinACK && d == fromOpener && !join.hasAck:
		f.handshake[2] = true
		join.ack, join.hasAck, join.canAckMAC = m, true, known && join.hasSynAck
		join.ackHMAC = f.conn.version.JoinHMAC(local.key, remote.key, join.syn.Nonce, join.synAck.Nonce)
	}
}
