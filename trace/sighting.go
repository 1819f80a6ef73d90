package trace

import "allroads/wire"

// sighting is what is known of a direction whose start was not captured, until it is
// certain which number of the subflow is which. A segment may have a piece of its
// mapping, and not the first.
type sighting struct {
	mapping wire.DSS // of the last segment
	lo, hi  uint32   // the sequence numbers that were seen of it
	behind  uint32   // the last segment
	held    []held
}

// held is a segment that cannot be placed yet.
type held struct {
	mapping wire.DSS
	seq     uint32
	length  int
	at      int64
	packet  uint64
	data    []byte // for the connection's receiver
}

// maxHeld is how many are kept.
const maxHeld = 256

// data is how many bytes a mapping stands for, without a DATA_FIN's number.
func data(m *wire.DSS) uint32 {
	if m.DataFIN {
		return uint32(m.Length) - 1
	}
	return uint32(m.Length)
}

// sight takes a segment with a mapping.
func (f *subflow) sight(d direction, s *Segment, m *wire.DSS) {
	h := &f.halves[d]
	if h.started || m.SSN == 0 || data(m) == 0 || s.PayloadLen == 0 || s.Fragment {
		return
	}
	if h.sighting == nil {
		h.sighting = &sighting{}
		f.conn.streams[f.sender(d)].unsure++
	}
	g := h.sighting
	if isn, certain := g.see(s, m); certain {
		f.certain(d, isn)
	} else if len(g.held) < maxHeld {
		g.held = append(g.held, held{*m, s.Seq, s.PayloadLen, f.last, f.packet, f.conn.keep(s)})
	}
}

// see returns the sequence number that the subflow's number 0 stands for, when that is
// certain: a segment begins where the mapping before ended, or all bytes of its mapping
// were seen.
func (g *sighting) see(s *Segment, m *wire.DSS) (isn uint32, certain bool) {
	last, end := g.mapping, s.Seq+uint32(s.PayloadLen)
	follows := g.behind == s.Seq && last.SSN != 0 && last.SSN+data(&last) == m.SSN
	g.behind = end
	if follows {
		return s.Seq - m.SSN, true
	}
	if last.SSN != m.SSN || last.DSN != m.DSN || last.Length != m.Length {
		g.mapping, g.lo, g.hi = *m, s.Seq, end
	}
	if int32(s.Seq-g.lo) < 0 {
		g.lo = s.Seq
	}
	if int32(end-g.hi) > 0 {
		g.hi = end
	}
	return g.lo - m.SSN, g.hi-g.lo >= data(m)
}

// certain begins to number a direction, and places what was held back: those of the
// same segment come by themselves.
func (f *subflow) certain(d direction, isn uint32) {
	h, stream := &f.halves[d], &f.conn.streams[f.sender(d)]
	g := h.sighting
	h.sighting = nil
	h.assume(isn, midwayBase+uint64(g.first()))
	at, packet := f.last, f.packet
	for i := range g.held {
		f.release(d, &g.held[i])
	}
	f.last, f.packet = at, packet
	if stream.unsure--; stream.unsure == 0 {
		stream.reorder.restart(stream.covered, stream.acked)
	}
}

// first is the subflow's number that the first segment's mapping began with.
func (g *sighting) first() uint32 {
	if len(g.held) > 0 {
		return g.held[0].mapping.SSN
	}
	return g.mapping.SSN
}

// release places a segment that was held back, as of when it was seen.
func (f *subflow) release(d direction, one *held) {
	f.last, f.packet = one.at, one.packet
	m, stream := &one.mapping, &f.conn.streams[f.sender(d)]
	f.mapped(d, &mapping{
		ssn: unwrap32(m.SSN, f.halves[d].near), stream: stream.offset(m.DSN, m.DSN64), length: uint64(data(m)),
		hasChecksum: m.HasChecksum, checksum: m.Checksum, dssLength: m.Length,
	})
	f.payload(d, &Segment{Time: one.at, Seq: one.seq, PayloadLen: one.length, Payload: one.data})
}
