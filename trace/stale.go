package trace

import (
	"fmt"
	"time"
)

// Stale says when a subflow had payload under way in one direction that TCP got
// no acknowledgement for, longer than a busy path takes: a second and four round
// trips.
type Stale struct {
	Count   uint64 `json:"count"`
	Total   int64  `json:"total"` // nanoseconds
	Longest int64  `json:"longest"`
}

// stale follows what is due.
type stale struct {
	Stale
	since int64 // since when an acknowledgement is due, 0: none is
}

const (
	staleAtLeast = 1e9
	staleTrips   = 4
)

func (s *stale) sent(at int64) {
	if s.since == 0 {
		s.since = at
	}
}

// due returns how long an acknowledgement has been due, 0 if not for long.
func (s *stale) due(trip, at int64) int64 {
	lasted := at - s.since
	if s.since == 0 || lasted < staleAtLeast || lasted < staleTrips*trip {
		return 0
	}
	return lasted
}

func (s *stale) add(lasted int64) {
	s.Count++
	s.Total += lasted
	s.Longest = max(s.Longest, lasted)
}

// answered takes an acknowledgement of new payload in a direction, of all of it or
// a part.
func (f *subflow) answered(d direction, all bool) {
	h := &f.halves[d]
	if lasted := h.stale.due(f.trip(), f.last); lasted > 0 {
		h.stale.add(lasted)
		f.note(EventStale, f.sender(d), fmt.Sprintf("nothing was acknowledged for %v", time.Duration(lasted)))
	}
	h.stale.since = f.last
	if all {
		h.stale.since = 0
	}
}

// report counts what is still due when the subflow was last seen, or ended.
func (s stale) report(trip, until int64) Stale {
	if lasted := s.due(trip, until); lasted > 0 {
		s.add(lasted)
	}
	return s.Stale
}

// trip is how long a round trip usually takes between the ends, wherever between them
// it is seen: from there to one end and back, and to the other.
func (f *subflow) trip() int64 { return f.halves[0].rtt.usual() + f.halves[1].rtt.usual() }
