package trace

import "allroads/wire"

// dss takes a DSS option: what the sender has received of the other side's
// stream, and where in its own stream bytes of this subflow belong.
func (f *subflow) dss(a *Analyzer, d direction, s *Segment, option wire.Option) {
	var m wire.DSS
	if f.malformed(wire.ParseDSS(option, &m)) {
		return
	}
	from := f.sender(d)
	if f.conn.inferred != "" {
		f.learn(a, d, s, &m)
	}
	if m.HasAck {
		f.dataAck(d, s, &m)
	}
	if !m.HasMap {
		return
	}
	if m.InfiniteMapping() {
		f.fellBack(CauseInfiniteMapping, from)
		f.endless(d, &m)
		return
	}
	stream, half := &f.conn.streams[from], &f.halves[d]
	if stream.start == startUnseen && f.conn.inferred == "" {
		stream.compareStart(m.DSN, m.DSN64)
	}
	offset, length := stream.offset(m.DSN, m.DSN64), uint64(m.Length)
	if m.DataFIN {
		length--
		f.dataFIN(from, offset+length)
	}
	switch {
	case length > 0 && (half.started || f.conn.inferred == ""):
		f.mapped(d, &mapping{
			ssn: unwrap32(m.SSN, half.near), stream: offset, length: length,
			hasChecksum: m.HasChecksum, checksum: m.Checksum, dssLength: m.Length,
		})
	case length > 0: // It is not known yet which bytes the option means.
	case m.SSN != 0:
		half.conflict("a DATA_FIN without data is mapped to subflow byte %d, not 0", m.SSN)
	default:
		half.checksums.compare(m.HasChecksum, m.Checksum, wire.Checksum(stream.base+offset, 0, m.Length))
	}
}

func (f *subflow) dataFIN(from side, at uint64) {
	stream := &f.conn.streams[from]
	if !stream.ended {
		f.note(EventDataFIN, from, "")
	}
	stream.finish(at)
}

// mapped adds a mapping and places payload that has waited for it.
func (f *subflow) mapped(d direction, m *mapping) {
	half := &f.halves[d]
	stream := &f.conn.streams[f.sender(d)]
	if int64(m.stream) < 0 || int64(m.ssn) < 1 {
		half.nowhere(*m)
		return
	}
	if !half.insert(m) {
		return
	}
	if !m.hasChecksum {
		half.checksums.absent++
	}
	stream.promised = max(stream.promised, m.stream+m.length)
	if half.left != nil {
		f.handAgain(d)
	}
	if len(half.missing) > 0 {
		half.missing.take(m.ssn, m.end(), func(lo, hi uint64) { f.place(d, lo, hi) })
	}
}

// payload takes the payload of a segment.
func (f *subflow) payload(d direction, s *Segment) {
	half := &f.halves[d]
	if !half.started {
		return
	}
	lo := half.relative(s.Seq)
	hi := lo + uint64(s.PayloadLen)
	if int64(lo) < 1 { // A keep-alive repeats a byte from before.
		return
	}
	half.near, half.last = hi, s.Time
	if half.first == 0 {
		half.first = s.Time
	}
	if s.Fragment {
		half.fragments++
	}
	repeated := uint64(0)
	if n := len(half.seen); n > 0 && half.seen[n-1].hi == lo { // the usual case
		half.seen[n-1].hi = hi
		f.place(d, lo, hi)
	} else {
		repeated = f.irregular(d, lo, hi)
	}
	half.segment(lo, hi, repeated, s.Time)
	if f.conn.payload != nil {
		f.hand(d, lo, s.PayloadLen, s.Payload)
	}
	if len(s.Payload) == s.PayloadLen && !f.conn.plain {
		f.examine(d, lo, s.Payload)
	}
}

// irregular takes payload that does not follow what was seen last, and returns how
// much of it had been seen.
func (f *subflow) irregular(d direction, lo, hi uint64) (repeated uint64) {
	half := &f.halves[d]
	repeated = hi - lo
	half.seen.add(lo, hi, func(lo, hi uint64) {
		repeated -= hi - lo
		f.place(d, lo, hi)
	})
	half.skipped += half.seen.shorten()
	if repeated > 0 && f.conn.chart > 0 {
		half.chart.at(f.conn, f.last).Repeated += repeated
	}
	return repeated
}

// place finds where in the stream new bytes of a subflow belong.
func (f *subflow) place(d direction, lo, hi uint64) {
	half := &f.halves[d]
	if f.conn.plain {
		f.carry(d, lo-behindSYN, lo, hi)
		return
	}
	if m := half.maps.last(); m != nil && m.ssn <= lo && hi <= m.end() { // the usual case
		f.carry(d, m.at(lo), lo, hi)
		return
	}
	half.maps.each(lo, hi, func(m *mapping, lo, hi uint64) {
		if m == nil {
			half.unmapped(lo, hi, bare{f.packet, f.last})
			return
		}
		f.carry(d, m.at(lo), lo, hi)
	})
}

// carry takes new bytes of the subflow to their place in the stream.
func (f *subflow) carry(d direction, at, lo, hi uint64) {
	half := &f.halves[d]
	stream := &f.conn.streams[f.sender(d)]
	end := at + (hi - lo)
	if at < stream.covered.end() && stream.covered.touches(at, end) {
		f.repeat(d, at, end)
	}
	fresh, waited := stream.carry(at, end, sending{at: f.last, end: hi, flow: int32(f.id)})
	half.bytes += fresh
	half.reinjected += hi - lo - fresh
	half.waitedFor += waited
	half.stale.sent(f.last)
	if f.conn.chart > 0 {
		half.chart.carried(f.conn, f.last, stream.origin, at, end, fresh)
	}
}

// examine holds payload against its mapping's checksum, and against what was
// seen of the same part of the stream before, on this subflow or another.
func (f *subflow) examine(d direction, start uint64, payload []byte) {
	half := &f.halves[d]
	stream := &f.conn.streams[f.sender(d)]
	half.maps.each(start, start+uint64(len(payload)), func(m *mapping, lo, hi uint64) {
		if m == nil {
			return
		}
		part := payload[lo-start : hi-start]
		if m.hasChecksum {
			half.collect(m, stream.base, lo, part)
		}
		// A probe of a closed window carries one byte that was acknowledged
		// already, but not that byte (net/mptcp/protocol.c, mptcp_sendmsg_frag).
		probe := m.length == 1 && m.stream < stream.acked
		if !probe && !stream.content.hold(m.at(lo), part) {
			half.conflict("the bytes from stream offset %s differ from those sent before", offsetText(m.at(lo)))
		}
	})
}
