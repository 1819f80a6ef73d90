package trace

import "allroads/wire"

// Repeats tell apart the bytes of a stream that a subflow carried after they had
// been carried before, at other sequence numbers of the subflow: so not those that
// TCP sent again.
type Repeats struct {
	SameSubflow uint64 `json:"same_subflow"` // this subflow had carried them
	Redundant   uint64 `json:"redundant"`    // another had, less than its shortest round trip before: nothing can have told that they were lost
	Reinjected  uint64 `json:"reinjected"`   // another had, longer before
	Forgotten   uint64 `json:"forgotten"`    // acknowledged so long ago that it is not known who had

	// Of those that the other side did not have yet: whether it had the first ones
	// when it acknowledged them, by TCP's account. So a copy was useful or not.
	Useful  uint64 `json:"useful"`
	Useless uint64 `json:"useless"` // also those that had been acknowledged before they were carried again

	Delay int64 `json:"delay"` // the longest time between a byte and its copy, nanoseconds
}

// repeat takes a part of the stream, of which some was carried before.
func (f *subflow) repeat(d direction, lo, hi uint64) {
	stream, r := &f.conn.streams[f.sender(d)], &f.halves[d].repeats
	remembered := uint64(0)
	stream.sendings.each(lo, hi, func(one *sending, lo, hi uint64) {
		remembered += hi - lo
		f.class(d, one, hi-lo)
		r.Delay = max(r.Delay, f.last-one.at)
		if one.hi <= stream.acked {
			r.Useless += hi - lo
			return
		}
		if one.copier == 0 {
			stream.sendings.copied++
			one.copier = int32(f.id)
		}
		// A byte can be of use once: the first copy counts.
		first := min(hi-lo, one.hi-one.lo-one.copies)
		one.copies += first
		r.Useless += hi - lo - first
	})
	before := uint64(0)
	stream.covered.parts(lo, hi, func(lo, hi uint64) { before += hi - lo })
	r.Forgotten += before - remembered
	r.Useless += before - remembered
}

// class counts bytes that another subflow, or this one, had sent before.
func (f *subflow) class(d direction, one *sending, bytes uint64) {
	r := &f.halves[d].repeats
	if one.flow == int32(f.id) {
		r.SameSubflow += bytes
		return
	}
	first := f.conn.subflows[one.flow-1].half(f.sender(d)).rtt.shortest()
	if f.last-one.at < first {
		r.Redundant += bytes
	} else {
		r.Reinjected += bytes
	}
}

// dataAck takes a DATA_ACK that came in a direction, and the window behind it.
func (f *subflow) dataAck(d direction, s *Segment, m *wire.DSS) {
	of := f.sender(d.other())
	stream := &f.conn.streams[of]
	at, right := stream.acknowledge(m.DataAck, m.Ack64)
	if !right {
		return
	}
	f.arrived(of, at)
	if window, known := f.window(d, s); known && f.conn.fallback == nil {
		stream.window.offer(at, window, f.last)
	}
}

// arrived takes note of the position up to which the other side has a stream.
func (f *subflow) arrived(of side, at uint64) {
	stream := &f.conn.streams[of]
	before := stream.acked
	if at <= before {
		return
	}
	stream.acked = at
	f.conn.relieved(of, stream.stalls.acknowledged(f.last, before, f.id, at >= stream.promised))
	stream.sendings.acknowledge(before, at, func(one *sending) {
		copier := &f.conn.subflows[one.copier-1].half(of).repeats
		if f.conn.subflows[one.flow-1].half(of).acked >= one.end {
			copier.Useless += one.copies
		} else {
			copier.Useful += one.copies
		}
	})
}
