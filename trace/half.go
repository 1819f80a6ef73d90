package trace

import "fmt"

// half is one direction of a subflow: the TCP sequence numbers its sender uses,
// relative to the initial one, so that payload begins at 1 as in a DSS mapping.
type half struct {
	isn     uint32
	started bool
	near    uint64 // a recent relative number, to widen the next one by
	acked   uint64 // all below it was acknowledged at the TCP level
	seen    spans  // payload
	missing spans  // payload that no mapping has come for yet
	bare    bare   // when the first of it came
	fin     bool
	finAt   uint64 // where the payload ends, once fin

	maps      mappings
	late      int // mappings that could not be compared, being forgotten
	conflicts []string
	checksums checksumCount

	bytes         uint64 // data that came first on this subflow
	retransmitted uint64 // payload that TCP sent again
	reinjected    uint64 // data that another subflow, or this one, carried before
	first, last   int64  // when payload was seen, nanoseconds since 1970
	segments      uint64 // with payload
	resent        uint64 // of them, with payload that was seen before
	repeats       Repeats
	waitedFor     int64 // nanoseconds in which data waited for this subflow's
	rtt           rtt
}

func (h *half) start(isn uint32, at int64) {
	if !h.started {
		h.isn, h.started = isn, true
		h.rtt.sent(behindSYN, at)
	} else {
		h.rtt.repeated(0)
	}
}

// relative widens a TCP sequence number and makes it relative.
func (h *half) relative(seq uint32) uint64 {
	return unwrap32(seq-h.isn, h.near)
}

func (h *half) acknowledge(ack uint32, at int64) {
	if number := h.relative(ack); h.started && int64(number) > 0 {
		h.acked = max(h.acked, number)
		h.rtt.acknowledged(h.acked, at)
	}
}

// bare is a packet that had no mapping.
type bare struct {
	packet uint64
	at     int64
}

// unmapped takes payload that no mapping has come for yet.
func (h *half) unmapped(lo, hi uint64, by bare) {
	if len(h.missing) == 0 {
		h.bare = by
	}
	h.missing.add(lo, hi, ignore)
}

// segment counts one with payload, of which some may have been seen before.
func (h *half) segment(lo, hi, repeated uint64, at int64) {
	h.segments++
	if repeated == 0 {
		h.rtt.sent(hi, at)
		return
	}
	h.resent++
	h.retransmitted += repeated
	h.rtt.repeated(lo)
}

// finish takes a FIN, which stands behind the last byte of payload.
func (h *half) finish(s *Segment) {
	if !h.started {
		return
	}
	at := h.relative(s.Seq) + uint64(s.PayloadLen)
	if h.fin && at != h.finAt {
		h.conflict("a FIN at subflow byte %s, and one at %s", offsetText(h.finAt), offsetText(at))
		return
	}
	h.fin, h.finAt = true, at
}

// closed reports whether the other end has the FIN.
func (h *half) closed() bool { return h.fin && h.acked > h.finAt }

// conflict takes note of something about the data that cannot be right.
func (h *half) conflict(format string, args ...any) {
	if len(h.conflicts) < maxDetails {
		h.conflicts = append(h.conflicts, fmt.Sprintf(format, args...))
	}
}

// unseen calls hole for payload that was sent, by the account of a FIN or of an
// acknowledgement, but not captured.
func (h *half) unseen(hole func(lo, hi uint64)) {
	end := h.acked
	if h.fin {
		end = h.finAt
	}
	if int64(end) > 1 {
		h.seen.gaps(1, end, hole)
	}
}
