package sockdiag

// store holds the subflows of all connections, found by their key. Nothing that it
// has grown to is given back, so that it does not grow again for the next dump.
type store struct {
	chunks [][]record
	length int32
	chains map[uint64]chain
}

// chain is the subflows of a connection; first and last are 1 more than an index,
// 0: there are none.
type chain struct {
	first, last int32
	seen        bool // the connection has been listed
}

const chunkLen = 1 << 10

func (s *store) reset() {
	s.length = 0
	if s.chains == nil {
		s.chains = make(map[uint64]chain)
	}
	clear(s.chains)
}

// forget is reset, but for subflows without a token.
func (s *store) forget() {
	for key := range s.chains {
		if key&tokenless == 0 {
			delete(s.chains, key)
		}
	}
}

// at returns a record by its place in a chain.
func (s *store) at(place int32) *record {
	return &s.chunks[(place-1)/chunkLen][(place-1)%chunkLen]
}

// add keeps a subflow, unless it is there already: a dump that goes on while
// sockets come and go may list one twice.
func (s *store) add(r *record) {
	key := r.key()
	c := s.chains[key]
	for place := c.first; place != 0; place = s.at(place).next {
		if old := s.at(place); old.id.Cookie == r.id.Cookie {
			r.next = old.next
			*old = *r
			return
		}
	}
	if int(s.length) == len(s.chunks)*chunkLen {
		s.chunks = append(s.chunks, make([]record, chunkLen))
	}
	s.length++
	*s.at(s.length) = *r
	s.link(&c, s.length)
	s.chains[key] = c
}

// link appends a record to a chain.
func (s *store) link(c *chain, place int32) {
	s.at(place).next = 0
	if c.last == 0 {
		c.first = place
	} else {
		s.at(c.last).next = place
	}
	c.last = place
}

// see notes that a connection has been listed, and reports whether it had been
// before.
func (s *store) see(key uint64) (c chain, again bool) {
	c = s.chains[key]
	again = c.seen
	c.seen = true
	s.chains[key] = c
	return c, again
}
