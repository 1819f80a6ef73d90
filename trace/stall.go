package trace

// Stall is a time in which data was on its way and nothing of it arrived.
type Stall struct {
	At       int64  `json:"at,string"` // when it began, nanoseconds since 1970
	Duration int64  `json:"duration"`  // nanoseconds
	Offset   uint64 `json:"offset"`    // of the stream, the first byte that was missing
	Before   int    `json:"before"`    // number of the subflow that had brought the last acknowledgement, 0: none had
	After    int    `json:"after"`     // and of the one that brought the next
}

// stalls follow the acknowledgements of a stream, to find the longest time
// without any while some were due.
type stalls struct {
	longest Stall
	since   int64  // when the acknowledgement that is due now became so, 0: none is
	flow    int    // that brought the last
	relief  relief // the longest that another subflow ended
}

// sent is called when data is on its way.
func (s *stalls) sent(at int64) {
	if s.since == 0 {
		s.since = at
	}
}

// acknowledged is called when more of the stream has arrived, and returns for how long
// none had; all tells that nothing is on its way any more.
func (s *stalls) acknowledged(at int64, offset uint64, flow int, all bool) (ended Stall) {
	if s.since != 0 {
		ended = Stall{At: s.since, Duration: at - s.since, Offset: offset, Before: s.flow, After: flow}
	}
	if ended.Duration > s.longest.Duration {
		s.longest = ended
	}
	s.since, s.flow = at, flow
	if all {
		s.since = 0
	}
	return ended
}
