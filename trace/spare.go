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
			*flow = subflow{halves: [2]half{flow.halves[0].emptied(), flow.halves[1].emptied()}}
			s.flows = append(s.flows, flow)
		}
	}
	if len(s.conns) < maxSpare {
		*c = connection{
			subflows: c.subflows[:0], events: c.events[:0],
			streams: [2]stream{c.streams[0].emptied(), c.streams[1].emptied()},
		}
		s.conns = append(s.conns, c)
	}
}

func (h *half) emptied() half {
	return half{
		seen: h.seen[:0], missing: h.missing[:0], maps: mappings{queue: h.maps.emptied()},
	}
}

func (s *stream) emptied() stream {
	return stream{covered: s.covered[:0], sendings: sendings{queue: s.sendings.emptied()}}
}

func (q *queue[T]) emptied() queue[T] {
	if cap(q.all) > maxSpareRoom {
		return queue[T]{}
	}
	clear(q.all)
	return queue[T]{all: q.all[:0]}
}
