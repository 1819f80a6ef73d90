package trace

// spare are connections and subflows that are over, to be used again with the
// room that their lists have.
type spare struct {
	conns []*connection
	flows []*subflow
}

// How much is kept: for what comes and goes quickly, not all that once was there.
const (
	maxSpare     = 256
	maxSpareRoom = 1 << 10 // elements of a list
)

func (s *spare) connection() *connection { return takeLast(&s.conns) }

func (s *spare) subflow() *subflow { return takeLast(&s.flows) }

// takeLast takes an element out of a list, or makes one.
func takeLast[T any](list *[]*T) (last *T) {
	n := len(*list)
	if n == 0 {
		return new(T)
	}
	last = (*list)[n-1]
	*list = (*list)[:n-1]
	return last
}

// give takes a connection that nothing refers to any more.
func (s *spare) give(c *connection) {
	for _, flow := range c.subflows {
		if len(s.flows) < maxSpare {
			flow.empty()
			s.flows = append(s.flows, flow)
		}
	}
	if len(s.conns) < maxSpare {
		c.empty()
		s.conns = append(s.conns, c)
	}
}

// empty makes a connection new, with the room that its lists have.
func (c *connection) empty() {
	subflows, futile, events, rooms := c.subflows[:0], c.futile[:0], c.events[:0], [2]streamRoom{c.streams[0].room(), c.streams[1].room()}
	*c = connection{}
	c.subflows, c.futile, c.events = subflows, futile, events
	for i, room := range rooms {
		c.streams[i].covered, c.streams[i].sendings = room.covered, room.sendings
	}
}

// empty makes a subflow new, with the room that its lists have.
func (f *subflow) empty() {
	rooms := [2]halfRoom{f.halves[0].room(), f.halves[1].room()}
	*f = subflow{}
	for i, room := range rooms {
		f.halves[i].seen, f.halves[i].missing, f.halves[i].maps.queue = room.seen, room.missing, room.maps
		f.halves[i].chart.buckets = room.buckets
	}
}

// streamRoom and halfRoom are the lists that are kept.
type (
	streamRoom struct {
		covered  spans
		sendings sendings
	}
	halfRoom struct {
		seen, missing spans
		maps          queue[mapping]
		buckets       []bucket
	}
)

func (s *stream) room() streamRoom { return streamRoom{s.covered[:0], s.sendings.emptied()} }

func (h *half) room() halfRoom {
	return halfRoom{h.seen[:0], h.missing[:0], h.maps.emptied(), h.chart.buckets[:0]}
}

func (q *queue[T]) emptied() queue[T] {
	if cap(q.all) > maxSpareRoom {
		return queue[T]{}
	}
	clear(q.all)
	return queue[T]{all: q.all[:0]}
}
