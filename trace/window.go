package trace

// Window says what room a receiver left the sender of a stream: at the data level
// for MPTCP (RFC 8684, section 3.3.5), else at TCP's.
type Window struct {
	Known   bool   `json:"known"`    // the scale was seen, and an offer: else the rest is 0
	Min     uint64 `json:"min"`      // bytes, the smallest offer
	Max     uint64 `json:"max"`      // the largest
	Closed  uint64 `json:"closed"`   // how often it became too small for any data
	Limited int64  `json:"limited"`  // nanoseconds in which data was under way and left no room for another segment
	Flight  uint64 `json:"inflight"` // the most bytes that were under way at once
}

// windowing follows the offers and what is sent.
type windowing struct {
	Window
	edge    uint64 // the stream offset that the sender may go up to
	sent    uint64 // it has gone up to
	acked   uint64
	segment uint64 // bytes of the largest segment
	since   int64  // when there was no more room, while limited
	limited bool
	closed  bool
}

// offer takes a window behind what is acknowledged.
func (w *windowing) offer(acked, window uint64, at int64) {
	if !w.Known {
		w.Known, w.Min = true, window
	}
	w.Min, w.Max = min(w.Min, window), max(w.Max, window)
	if closed := window == 0; closed != w.closed {
		w.closed = closed
		if closed {
			w.Closed++
		}
	}
	w.acked, w.edge = max(w.acked, acked), max(w.edge, acked+window)
	w.judge(at)
}

// send takes a segment of so many bytes that ends at an offset.
func (w *windowing) send(end, bytes uint64, at int64) {
	w.sent, w.segment = max(w.sent, end), max(w.segment, bytes)
	if w.Known {
		w.Flight = max(w.Flight, w.sent-min(w.acked, w.sent))
		w.judge(at)
	}
}

func (w *windowing) judge(at int64) {
	limited := w.sent > w.acked && w.sent+w.segment > w.edge
	if limited == w.limited {
		return
	}
	w.limited = limited
	if limited {
		w.since = at
	} else {
		w.Limited += max(at-w.since, 0)
	}
}

func (w *windowing) report() Window {
	if !w.Known {
		return Window{}
	}
	return w.Window
}

// scale takes the window scale of a SYN or SYN/ACK (RFC 7323, section 2).
func (h *half) scale(shift int8, s *Segment) {
	switch {
	case h.scaling != scaleUnknown:
	case shift >= 0:
		h.scaling = scaleZero + uint8(shift)
	case !s.OptionsCut:
		h.scaling = scaleNone
	}
}

// What is known of the scale: none is offered, or a shift and scaleZero.
const (
	scaleUnknown = iota
	scaleNone
	scaleZero
)

// window is the window that a segment from a direction offers, and whether its
// scale is known: it is used where both SYNs have one.
func (f *subflow) window(d direction, s *Segment) (bytes uint64, known bool) {
	own, others := f.halves[d].scaling, f.halves[d.other()].scaling
	switch {
	case own == scaleNone || others == scaleNone, s.Flags&SYN != 0:
		return uint64(s.Window), true
	case own == scaleUnknown || others == scaleUnknown:
		return 0, false
	}
	return uint64(s.Window) << (own - scaleZero), true
}
