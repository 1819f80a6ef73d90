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
	var o objections
	late := 0
	for _, flow := range c.subflows {
		o.flow = flow.id
		flow.half(from).object(stream, &o)
		late += flow.half(from).late
	}
	o.flow = 0
	stream.object(&o)
	if len(o.wrong)+len(o.missing) == 0 && late > 0 {
		return Check{name, Unknown, fmt.Sprintf("%d mappings came too late to be compared with earlier ones", late)}
	}
	right := ""
	if !c.brief {
		right = c.say("each of the %s's %d bytes is mapped to one place%s", from, stream.covered.count(), c.repeats(from))
	}
	return judged(name, o.wrong, o.missing, right)
}

// objections are what is wrong whatever is missing, and what was not seen.
type objections struct {
	flow           int // number of the subflow that they are about, 0: the stream
	wrong, missing []string
}

func (o *objections) bad(format string, args ...any) { o.note(&o.wrong, format, args) }

func (o *objections) unseen(format string, args ...any) { o.note(&o.missing, format, args) }

func (o *objections) note(list *[]string, format string, args []any) {
	if len(*list) >= maxDetails {
		return
	}
	text := fmt.Sprintf(format, args...)
	if o.flow != 0 {
		text = fmt.Sprintf("subflow %d: %s", o.flow, text)
	}
	*list = append(*list, text)
}

// object notes what is wrong with a direction of a subflow by itself.
func (h *half) object(stream *stream, o *objections) {
	for _, conflict := range h.conflicts {
		o.bad("%s", conflict)
	}
	whole := !h.signs.cut && h.late == 0
	h.unseen(func(lo, hi uint64) {
		whole = false
		o.unseen("%d bytes from subflow byte %d were sent but not captured", hi-lo, lo)
	})
	if h.fin && h.seen.end() > h.finAt {
		o.bad("%d bytes are behind the FIN at subflow byte %s", h.seen.end()-h.finAt, offsetText(h.finAt))
	}
	for _, m := range h.maps.list() {
		h.seen.gaps(m.ssn, m.end(), func(lo, hi uint64) {
			if !h.givenUp(lo, stream, m.at(lo), m.at(hi)) {
				whole = false
				o.unseen("%d bytes from subflow byte %s are mapped but were not seen", hi-lo, offsetText(lo))
			}
		})
	}
	for _, r := range h.missing {
		unmapped := o.bad
		if !whole { // The mapping may have come with what was not captured.
			unmapped = o.unseen
		}
		unmapped("%d bytes from subflow byte %d have no mapping", r.hi-r.lo, r.lo)
	}
}

// givenUp reports whether mapped bytes were rightly not sent: they come next on
// a subflow that did not end in order, and the other side has them from another.
func (h *half) givenUp(at uint64, stream *stream, lo, hi uint64) bool {
	elsewhere := true
	stream.covered.gaps(lo, hi, func(lo, hi uint64) { elsewhere = false })
	return !h.fin && at == h.seen.end() && elsewhere
}

// object notes what is wrong with the bytes of a stream as a whole.
func (s *stream) object(o *objections) {
	end := s.covered.end()
	if s.ended {
		end = s.finAt
	}
	if int64(end) < 0 {
		o.bad("the data ends at stream offset %s", offsetText(end))
		return
	}
	s.covered.gaps(0, end, func(lo, hi uint64) {
		o.unseen("%d bytes from stream offset %s were not seen", hi-lo, offsetText(lo))
	})
	if s.ended && s.covered.end() > s.finAt {
		o.bad("data reaches stream offset %s, behind the DATA_FIN at %s",
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
