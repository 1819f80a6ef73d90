package page

import (
	"fmt"

	"allroads/trace"
)

// maxMarks is how many events a graph shows, the first ones.
const maxMarks = 32

// mark is a time of a graph at which something happened, or from which it went on
// for a while.
type mark struct {
	at, until float64 // 0 to 1
	class     string
	text      string
}

// happened is what a graph says of an event that changes what it shows, "" for others.
func happened(kind trace.EventKind) string {
	switch kind {
	case trace.EventEstablished:
		return "established"
	case trace.EventRemoveAddr:
		return "address removed"
	case trace.EventPriority:
		return "priority changed"
	case trace.EventFail:
		return "MP_FAIL"
	case trace.EventFastClose:
		return "MP_FASTCLOSE"
	case trace.EventFallback:
		return "fell back to TCP"
	case trace.EventStale:
		return "answers after a long silence"
	case trace.EventReset:
		return "reset"
	}
	return ""
}

// marks are the events of a connection and its handover, if that is in this direction.
// What comes after the last bucket has no place.
func marks(c *trace.Connection, d *direction) (out []mark) {
	span := float64(int64(columns(c)) * c.ChartWidth)
	if span == 0 {
		return nil
	}
	place := func(at int64) float64 { return max(float64(at-c.Opened)/span, 0) }
	if h := c.Conclusion.Handover; h != nil && h.To == d.to && place(h.At) < 1 {
		out = append(out, mark{place(h.At), min(place(h.At+h.Duration), 1), "gap", h.String()})
	}
	for i := range c.Events {
		e := &c.Events[i]
		words := happened(e.Kind)
		if words == "" || len(out) >= maxMarks || place(e.Time) > 1 || e.Kind == trace.EventEstablished && first(c, e.Subflow) {
			continue
		}
		text := fmt.Sprintf("%s: subflow %d %s", duration(max(e.Time-c.Opened, 0)), e.Subflow, words)
		out = append(out, mark{at: place(e.Time), class: "mark " + tone(e.Kind), text: text})
	}
	return out
}

func first(c *trace.Connection, id int) bool {
	return len(c.Subflows) > 0 && c.Subflows[0].ID == id
}

// tone is how bad an event is.
func tone(kind trace.EventKind) string {
	switch kind {
	case trace.EventReset, trace.EventFail, trace.EventFastClose, trace.EventFallback, trace.EventRefused:
		return "bad"
	case trace.EventStale, trace.EventRemoveAddr:
		return "odd"
	}
	return "plain"
}
