package steering

// steer compares what a connection has with what it is to have.
func (s *State) steer(c *connection) {
	s.overdue(c)
	if c.asking && !c.decided {
		s.choose(c)
	}
	if c.ready() {
		if s.network {
			s.leave(c)
		}
		if c.server {
			s.offer(c)
		} else {
			s.plan(c)
			s.match(c)
		}
	}
	s.schedule(c)
}

// ready tells whether commands about a connection can be given.
func (c *connection) ready() bool {
	return c.established && c.decided && !c.closing && c.manager != kernel
}

// match finds the paths of all wants, makes those that are missing, and ends those that
// nobody wants.
func (s *State) match(c *connection) {
	for _, p := range c.paths {
		p.wanted = false
	}
	for i := range s.wants {
		c.claim(&s.wants[i])
	}
	for i := range s.wants {
		s.pursue(c, &s.wants[i])
	}
	s.spare(c)
}

// claim marks the paths of a want, the best first, and adds those that are missing.
func (c *connection) claim(w *want) {
	n := 0
	for rank := 3; rank >= 0; rank-- {
		for _, p := range c.paths {
			if !p.wanted && p.rank() == rank && n < w.count && p.is(w.local.Addr, w.remote) {
				p.wanted, p.standby, p.wantsBackup = true, w.standby, w.backup
				n++
			}
		}
	}
	for ; n < w.count; n++ {
		p := c.add(bare(w.local.Addr), w.remote)
		p.wanted, p.standby, p.wantsBackup = true, w.standby, w.backup
		p.link = int32(w.local.Link)
	}
}

// pursue does the next step towards a want.
func (s *State) pursue(c *connection, w *want) {
	for _, p := range c.paths {
		if !p.wanted || p.pending != "" || p.hold > s.now || !p.is(w.local.Addr, w.remote) {
			continue
		}
		switch p.state {
		case idle:
			s.join(c, p, w)
		case waiting:
			if p.next != 0 && p.next <= s.now {
				s.join(c, p, w)
			}
		case established:
			if w.close && c.carries(p) && p.local.Port() != 0 && !c.busy(p) {
				s.retire(c, p)
			} else {
				s.prioritise(c, p)
			}
		}
	}
}

// schedule sets the timer of a connection.
func (s *State) schedule(c *connection) {
	due := moment(0)
	sooner := func(m moment) {
		if m > s.now && (due == 0 || m < due) {
			due = m
		}
	}
	for _, p := range c.paths {
		if p.state == joining || p.state == waiting {
			sooner(p.next)
		}
		sooner(p.hold)
		if p.pending != "" {
			sooner(p.asked + moment(joinBound))
		}
	}
	if c.asking {
		sooner(c.since + moment(ownerBound))
	}
	for _, o := range c.offers {
		sooner(o.next)
	}
	if c.intent != nil {
		sooner(c.intent.look)
	}
	if _, live := s.connections[c.token]; live {
		s.timers.set(c, due)
	}
}
