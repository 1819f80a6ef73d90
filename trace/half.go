package trace

import "fmt"

// half is one direction of a subflow: the TCP sequence numbers its sender uses,
// relative to the initial one, so that payload begins at 1 as in a DSS mapping.
// Where the start was not captured they begin at midwayBase.
type half struct {
	isn     uint32
	started bool
	scaling uint8  // of the windows that its sender offers
	near    uint64 // a recent relative number, to widen the next one by
	origin  uint64 // the first relative number that is known of
	acked   uint64 // all below it was acknowledged at the TCP level
	seen    spans  // payload
	missing spans  // payload that no mapping has come for yet
	bare    bare   // when the first of it came
	fin     bool
	finAt   uint64 // where the payload ends, once fin
	lateFIN lateFIN

	maps      mappings
	late      int // mappings that could not be compared, being forgotten
	conflicts []string
	checksums checksumCount
	sighting  *sighting // until it has started, when the start was not captured
	fragments int       // packets whose rest was in other fragments
	skipped   uint64    // bytes in holes of seen that are forgotten

	bytes         uint64 // data that came first on this subflow
	retransmitted uint64 // payload that TCP sent again
	reinjected    uint64 // data that another subflow, or this one, carried before
	first, last   int64  // when payload was seen, nanoseconds since 1970
	lastAck       int64  // when new payload was acknowledged
	segments      uint64 // with payload
	resent        uint64 // of them, with payload that was seen before
	signs         signs
	repeats       Repeats
	waitedFor     int64 // nanoseconds in which data waited for this subflow's
	rtt           rtt
	stale         stale
	chart         chart

	early, shifted uint32    // bytes that the SYN carried, and that were taken
	left           *leftover // for the connection's receiver; nil: nothing
}

func (h *half) start(isn uint32, at int64) {
	if !h.started {
		h.isn, h.started, h.origin = isn, true, behindSYN
		h.rtt.sent(behindSYN, at)
	} else {
		h.rtt.repeated(0)
	}
}

// relative widens a TCP sequence number and makes it relative.
func (h *half) relative(seq uint32) uint64 {
	return unwrap32(seq-h.isn, h.near)
}

// acknowledge takes an acknowledgement of what this direction sent, and reports
// whether it is of new payload, and whether of all.
func (h *half) acknowledge(of *connection, ack uint32, at int64) (more, all bool) {
	if !h.started {
		h.lateFIN.acked = h.lateFIN.seen && int32(ack-h.lateFIN.behind) >= 0
		return false, false
	}
	number := h.relative(ack)
	if int64(number) <= 0 {
		return false, false
	}
	if more = number > h.acked; more {
		h.lastAck = at
	}
	h.acked = max(h.acked, number)
	if sample := h.rtt.acknowledged(h.acked, at); sample > 0 && of.chart > 0 {
		h.chart.measured(of, at, sample)
	}
	return more, h.acked >= h.seen.end()
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
	h.missing.shorten()
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

// finish takes a FIN, which stands behind the last byte of payload. Behind a
// fragment it is not known where that is.
func (h *half) finish(s *Segment) {
	if s.Fragment {
		return
	}
	if !h.started {
		h.lateFIN = lateFIN{seen: true, behind: s.Seq + uint32(s.PayloadLen) + 1}
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
func (h *half) closed() bool { return h.fin && h.acked > h.finAt || h.lateFIN.acked }

// lateFIN is a FIN of a direction whose numbers are not known, as its start was not
// captured: the acknowledgement that it needs.
type lateFIN struct {
	seen, acked bool
	behind      uint32
}

// conflict takes note of something about the data that cannot be right.
func (h *half) conflict(format string, args ...any) {
	if len(h.conflicts) < maxDetails {
		h.conflicts = append(h.conflicts, fmt.Sprintf(format, args...))
	}
}

// begin is the first relative number that payload was seen at, or is known to
// have been.
func (h *half) begin() uint64 {
	if h.origin >= midwayBase && len(h.seen) > 0 {
		return h.seen[0].lo
	}
	return h.origin
}

// payload is how many different bytes were seen.
func (h *half) payload() uint64 { return h.seen.count() - h.skipped }

// unseen calls hole for payload that was sent, by the account of a FIN or of an
// acknowledgement, but not captured.
func (h *half) unseen(hole func(lo, hi uint64)) {
	end := h.acked
	if h.fin {
		end = h.finAt
	}
	if begin := h.begin(); int64(end) > int64(begin) {
		h.seen.gaps(begin, end, hole)
	}
}

// delivered is how much payload the other end has.
func (h *half) delivered() uint64 {
	end := h.acked
	if h.fin { // It has a number too, and is no payload.
		end = min(end, h.finAt)
	}
	if begin := h.begin(); end > begin {
		return end - begin
	}
	return 0
}
