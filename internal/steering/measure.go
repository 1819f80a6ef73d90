package steering

import (
	"time"

	"allroads/pathmanager"
)

// watch are the connections whose paths are measured.
type watch struct{ connections []*connection }

const (
	// fastest is how often the paths of connections are measured that carry data: a
	// black hole is noticed after config.Bad.Stall and this, and data has to move
	// within a second.
	fastest = 100 * time.Millisecond
	// calm is how often where nothing has happened for some seconds. Later it is the time that
	// nothing happened by restful, until it is slowest: what is sent into a hole then is
	// noticed so much later, since the kernel tells nobody of a time-out.
	calm    = time.Second
	slowest = 10 * time.Second
	restful = 30
	// busyFor is how long a connection counts as one that carries data.
	busyFor = moment(2 * time.Second)
)

// Measure tells which connections are to be measured by the next time, and how often that
// is: every so often the caller asks sock_diag, and gives the answer to Step. 0: there is
// nothing to measure.
func (s *State) Measure() (tokens []pathmanager.Token, every time.Duration) {
	for _, c := range s.watched.connections {
		if every == 0 || c.pace < every {
			every = c.pace
		}
	}
	for _, c := range s.watched.connections {
		if c.measureAt() <= s.now+moment(every) {
			tokens = append(tokens, c.token)
		}
	}
	return tokens, every
}

// watch has the paths of a connection measured if its strategy needs that, or if ports
// are looked for.
func (s *State) watch(c *connection, measures bool) {
	c.measures = measures
	if !measures && !c.seeking {
		s.unwatch(c)
		return
	}
	if c.watch == 0 {
		s.watched.connections = append(s.watched.connections, c)
		c.watch, c.pace, c.looked, c.moved = int32(len(s.watched.connections)), fastest, s.now, s.now
	}
}

func (s *State) unwatch(c *connection) {
	if c.watch == 0 {
		return
	}
	all := s.watched.connections
	last := all[len(all)-1]
	all[c.watch-1] = last
	last.watch = c.watch
	all[len(all)-1] = nil
	s.watched.connections = all[:len(all)-1]
	c.watch = 0
	if cap(all) > 1024 && len(all) < cap(all)/8 {
		s.watched.connections = append(make([]*connection, 0, cap(all)/4), s.watched.connections...)
	}
}

// measured takes what was measured.
func (s *State) measured(live []Live) {
	for i := range live {
		if c := s.connections[live[i].Token]; c != nil && c.watch != 0 {
			s.measure(c, live[i].Subflows)
			c.seeking = false
			s.watch(c, c.measures)
			s.steer(c)
		}
	}
}

func (s *State) measure(c *connection, subflows []LiveSubflow) {
	c.looked = s.now
	for i := range subflows {
		f := &subflows[i]
		if (f.Established || f.Opening) && (f.Outstanding || moment(f.Silent) < busyFor) {
			c.moved = s.now
		}
		switch p := c.find(f.Local, f.Remote); {
		case p == nil:
		case p.state == joining && f.Opening:
			p.local, p.remote = f.Local, f.Remote // Now its port is known.
		case p.state == established && f.Established && c.measures:
			s.judge(c, p, f)
		}
	}
	if s.now-c.moved < busyFor {
		c.pace = fastest
	} else {
		c.pace = min(c.pace*3/2, max(calm, time.Duration(s.now-c.moved)/restful), slowest)
	}
}

// measureAt is when a connection is to be measured next. Those at rest are measured on the
// second, so that they are together: the kernel goes through all connections for a few.
func (c *connection) measureAt() moment {
	due := c.looked + moment(c.pace)
	if c.pace >= calm {
		due -= due % moment(calm)
	}
	return due
}

// hurry has a connection measured often, as if it carried data.
func (s *State) hurry(c *connection) { c.moved, c.pace = s.now, fastest }
