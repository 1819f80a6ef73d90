package trace

import "fmt"

func (c *connection) mappingCheck(from side) Check {
	name, stream := mappingsCheck[from], &c.streams[from]
	if !stream.known {
		return Check{name, Unknown, "the " + from.String() + "'s key was not seen"}
	}
	if doubt := c.doubt(from); doubt != "" {
		return Check{name, Unknown, doubt}
	}
	var wrong []string
	note := func(format string, args ...any) {
		if len(wrong) < maxDetails {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	late := 0
	for _, flow := range c.subflows {
		flow.half(from).objections(stream, func(format string, args ...any) {
			note("subflow %d: "+format, append([]any{flow.id}, args...)...)
		})
		late += flow.half(from).late
	}
	stream.holes(note)
	if len(wrong) == 0 && late > 0 {
		return Check{name, Unknown, fmt.Sprintf("%d mappings came too late to be compared with earlier ones", late)}
	}
	if c.brief {
		return checkOf(name, wrong, "")
	}
	return checkOf(name, wrong, c.say("each of the %s's %d bytes is mapped to one place%s",
		from, stream.covered.count(), c.repeats(from)))
}

// objections notes what is wrong with a direction of a subflow by itself.
func (h *half) objections(stream *stream, note func(format string, args ...any)) {
	for _, conflict := range h.conflicts {
		note("%s", conflict)
	}
	h.unseen(func(lo, hi uint64) {
		note("%d bytes from subflow byte %d were sent but not captured", hi-lo, lo)
	})
	if h.fin && h.seen.end() > h.finAt {
		note("%d bytes are behind the FIN at subflow byte %s", h.seen.end()-h.finAt, offsetText(h.finAt))
	}
	for _, r := range h.missing {
		note("%d bytes from subflow byte %d have no mapping", r.hi-r.lo, r.lo)
	}
	for _, m := range h.maps.list() {
		h.seen.gaps(m.ssn, m.end(), func(lo, hi uint64) {
			if !h.givenUp(lo, stream, m.at(lo), m.at(hi)) {
				note("%d bytes from subflow byte %s are mapped but were not sent", hi-lo, offsetText(lo))
			}
		})
	}
}

// givenUp reports whether mapped bytes were rightly not sent: they come next on
// a subflow that did not end in order, and the other side has them from another.
func (h *half) givenUp(at uint64, stream *stream, lo, hi uint64) bool {
	elsewhere := true
	stream.covered.gaps(lo, hi, func(lo, hi uint64) { elsewhere = false })
	return !h.fin && at == h.seen.end() && elsewhere
}

// holes notes what is wrong with the bytes of a stream as a whole.
func (s *stream) holes(note func(format string, args ...any)) {
	end := s.covered.end()
	if s.ended {
		end = s.finAt
	}
	if int64(end) < 0 {
		note("the data ends at stream offset %s", offsetText(end))
		return
	}
	s.covered.gaps(0, end, func(lo, hi uint64) {
		note("%d bytes from stream offset %s were not seen", hi-lo, offsetText(lo))
	})
	if s.ended && s.covered.end() > s.finAt {
		note("data reaches stream offset %s, behind the DATA_FIN at %s",
			offsetText(s.covered.end()), offsetText(s.finAt))
	}
}

// doubt says why it cannot be told whether all bytes of a side are in their place, ""
// when it can, or when something is wrong whatever is missing.
func (c *connection) doubt(from side) string {
	fragments := 0
	for _, flow := range c.subflows {
		if len(flow.half(from).conflicts) > 0 {
			return ""
		}
		fragments += flow.half(from).fragments
	}
	switch {
	case c.inferred != "":
		return notCaptured
	case fragments > 0:
		return plural(fragments, "segment") + " went on in other fragments, which are not followed"
	}
	return ""
}

// repeats names what was carried more than once.
func (c *connection) repeats(from side) string {
	var retransmitted, reinjected uint64
	for _, flow := range c.subflows {
		half := flow.half(from)
		retransmitted += half.retransmitted
		reinjected += half.reinjected
	}
	if retransmitted+reinjected == 0 {
		return ", none sent twice"
	}
	return fmt.Sprintf("; %d bytes retransmitted by TCP, %d reinjected", retransmitted, reinjected)
}
