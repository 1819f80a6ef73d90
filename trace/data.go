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
		f.conn.streams[from.other()].acknowledge(m.DataAck, m.Ack64)
	}
	if !m.HasMap {
		return
	}
	if m.InfiniteMapping() {
		f.conn.fallback = "infinite mapping by the " + from.String()
		return
	}
	stream, half := &f.conn.streams[from], &f.halves[d]
	stream.compareStart(m.DSN, m.DSN64)
	offset, length := stream.offset(m.DSN, m.DSN64), uint64(m.Length)
	if m.DataFIN {
		length--
		stream.finish(offset + length)
	}
	switch {
	case length > 0:
		f.mapped(d, mapping{
			ssn: unwrap32(m.SSN, half.near), stream: offset, length: length,
			checked: m.HasChecksum, checksum: m.Checksum, dssLen: m.Length,
		})
	case m.SSN != 0:
		half.conflict("a DATA_FIN without data is mapped to subflow byte %d, not 0", m.SSN)
	}
}

// mapped adds a mapping and places payload that has waited for it.
func (f *subflow) mapped(d direction, m mapping) {
	half := &f.halves[d]
	stream := &f.conn.streams[f.sender(d)]
	clash, fresh := half.insert(m)
	if clash != nil {
		half.conflict("%s clashes with %s", &m, clash)
	}
	if !fresh {
		return
	}
	if !m.checked {
		half.checksums.absent++
	}
	half.mapped.add(m.ssn, m.end(), ignore)
	stream.promise(m.stream, m.stream+m.length)
	waiting := half.missing
	half.missing = nil
	for _, r := range waiting {
		f.place(d, r.lo, r.hi)
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
	half.retransmitted += repeated
	stream := &f.conn.streams[f.sender(d)]
	if f.conn.checksum {
		half.verify(stream.base, lo, s.Payload)
	}
	f.compare(half, stream, lo, s.Payload)
}

// compare holds payload against what was seen of the same part of the stream
// before, on this subflow or another.
func (f *subflow) compare(half *half, stream *stream, lo uint64, payload []byte) {
	for len(payload) > 0 {
		m, next := half.find(lo)
		part := payload[:min(uint64(len(payload)), next-lo)]
		if m != nil {
			at := m.stream + (lo - m.ssn)
			if !stream.content.hold(at, part) {
				half.conflict("the bytes from stream offset %s differ from those sent before", offsetText(at))
			}
		}
		payload, lo = payload[len(part):], lo+uint64(len(part))
	}
}

// place finds where in the stream new bytes of a subflow belong.
func (f *subflow) place(d direction, lo, hi uint64) {
	half := &f.halves[d]
	stream := &f.conn.streams[f.sender(d)]
	for lo < hi {
		m, next := half.find(lo)
		end := min(hi, next)
		if m == nil {
			half.missing.add(lo, end, ignore)
		} else {
			at := m.stream + (lo - m.ssn)
			carried := stream.carry(at, at+(end-lo))
			half.bytes += carried
			half.reinjected += end - lo - carried
		}
		lo = end
	}
}

// find returns the mapping of a byte, nil when there is none, and the first
// position behind it for which that may be different.
func (h *half) find(at uint64) (m *mapping, next uint64) {
	next = ^uint64(0)
	for i := len(h.maps) - 1; i >= 0; i-- {
		o := &h.maps[i]
		if at >= o.end() {
			break
		}
		if at >= o.ssn {
			return o, o.end()
		}
		next = o.ssn
	}
	return nil, next
}
