package trace

import "allroads/wire"

// dss takes a DSS option: what the sender has received of the other side's
// stream, and where in its own stream bytes of this subflow belong.
func (f *subflow) dss(d direction, option wire.Option) {
	var m wire.DSS
	if f.malformed(wire.ParseDSS(option, &m)) {
		return
	}
	from := f.sender(d)
	if m.HasAck {
		f.dataAck(from.other(), &m)
	}
	if !m.HasMap {
		return
	}
	if m.InfiniteMapping() {
		f.fellBack(CauseInfiniteMapping, from)
		return
	}
	stream, half := &f.conn.streams[from], &f.halves[d]
	stream.compareStart(m.DSN, m.DSN64)
	offset, length := stream.offset(m.DSN, m.DSN64), uint64(m.Length)
	if m.DataFIN {
		length--
		if !stream.ended {
			f.note(EventDataFIN, from, "")
		}
		stream.finish(offset + length)
	}
	switch {
	case length > 0:
		f.mapped(d, mapping{
			ssn: unwrap32(m.SSN, half.near), stream: offset, length: length,
			hasChecksum: m.HasChecksum, checksum: m.Checksum, dssLength: m.Length,
		})
	case m.SSN != 0:
		half.conflict("a DATA_FIN without data is mapped to subflow byte %d, not 0", m.SSN)
	default:
		half.checksums.compare(m.HasChecksum, m.Checksum, wire.Checksum(stream.base+offset, 0, m.Length))
	}
}

// mapped adds a mapping and places payload that has waited for it.
func (f *subflow) mapped(d direction, m mapping) {
	half := &f.halves[d]
	stream := &f.conn.streams[f.sender(d)]
	if int64(m.stream) < 0 || int64(m.ssn) < 1 {
		half.nowhere(m)
		return
	}
	if !half.insert(m) {
		return
	}
	if !m.hasChecksum {
		half.checksums.absent++
	}
	stream.promised = max(stream.promised, m.stream+m.length)
	half.missing.take(m.ssn, m.end(), func(lo, hi uint64) { f.place(d, lo, hi) })
}

// payload takes the payload of a segment.
func (f *subflow) payload(d direction, s *Segment) {
	half := &f.halves[d]
	if !half.started {
		return
	}
	lo := half.relative(s.Seq)
	hi := lo + uint64(s.PayloadLen)
	// A keep-alive repeats a byte from before; what is left of zero is one too.
	if s.PayloadLen == 0 || s.Flags&SYN != 0 || int64(lo) < 1 {
		return
	}
	half.near, half.last = hi, s.Time
	if half.first == 0 {
		half.first = s.Time
	}
	repeated := hi - lo
	half.seen.add(lo, hi, func(lo, hi uint64) {
		repeated -= hi - lo
		f.place(d, lo, hi)
	})
	half.segment(lo, hi, repeated, s.Time)
	if len(s.Payload) == s.PayloadLen {
		f.examine(d, lo, s.Payload)
	}
}

// place finds where in the stream new bytes of a subflow belong.
func (f *subflow) place(d direction, lo, hi uint64) {
	half := &f.halves[d]
	half.maps.each(lo, hi, func(m *mapping, lo, hi uint64) {
		if m == nil {
			half.unmapped(lo, hi, bare{f.packet, f.last})
			return
		}
		f.carry(d, m, lo, hi)
	})
}

// carry takes new bytes of the subflow to their place in the stream.
func (f *subflow) carry(d direction, m *mapping, lo, hi uint64) {
	half := &f.halves[d]
	stream := &f.conn.streams[f.sender(d)]
	if m.at(lo) < stream.covered.end() {
		f.repeat(d, m.at(lo), m.at(hi))
	}
	fresh, waited := stream.carry(m.at(lo), m.at(hi), sending{at: f.last, end: hi, flow: int32(f.id)})
	half.bytes += fresh
	half.reinjected += hi - lo - fresh
	half.waitedFor += waited
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
