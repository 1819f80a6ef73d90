package steering

import (
	"net/netip"
	"slices"
	"time"

	"allroads/internal/config"
)

// elect decides which candidate carries the data.
func (s *State) elect(c *connection) int {
	now := slices.IndexFunc(s.wants, func(w want) bool { return w.local.Addr == c.intent.active })
	next := now
	if c.strategy.Kind == config.Interactive {
		next = s.quickest(c, now)
	} else {
		next = s.foremost(c, now)
	}
	if next != now {
		s.activate(c, now, next)
	}
	return next
}

// foremost is the first good candidate; one that comes before the active one has to have
// been good for a while.
func (s *State) foremost(c *connection, now int) int {
	sound := s.sound(c, now)
	for i := range s.wants {
		p := c.on(&s.wants[i])
		switch {
		case i == now && sound:
			return now
		case p == nil || !p.good():
		case !sound:
			return i
		default:
			ripe := p.goodSince() + c.recovers(p)
			if ripe <= s.now {
				return i
			}
			c.lookAt(ripe)
		}
	}
	return max(now, 0)
}

// sound tells whether a candidate carries data well.
func (s *State) sound(c *connection, i int) bool {
	if i < 0 {
		return false
	}
	p := c.on(&s.wants[i])
	return p != nil && p.good()
}

// lookAt has the connection looked at again at a moment.
func (c *connection) lookAt(m moment) {
	if c.intent.look == 0 || m < c.intent.look {
		c.intent.look = m
	}
}

// quickest is the good candidate with the lowest latency, with some hysteresis.
func (s *State) quickest(c *connection, now int) int {
	best, rtt := -1, time.Duration(0)
	for i := range s.wants {
		if !s.sound(c, i) {
			continue
		}
		if d := c.on(&s.wants[i]).latency(); best < 0 || d != 0 && (rtt == 0 || d < rtt) {
			best, rtt = i, d
		}
	}
	switch {
	case best < 0:
		return max(now, 0)
	case !s.sound(c, now):
		return best
	case best == now || !c.lower(s.wants[best].local.Addr, rtt, c.on(&s.wants[now]).latency(), s.now):
		return now
	}
	return best
}

func (p *path) latency() time.Duration {
	if p.health == nil {
		return 0
	}
	return p.health.rtt
}

// lower tells whether a path has had a latency that is lower by enough, for long enough.
func (c *connection) lower(addr netip.Addr, rtt, than time.Duration, now moment) bool {
	n := c.intent
	if rtt == 0 || than-rtt < margin || rtt > than*4/5 {
		n.challenger = netip.Addr{}
		return false
	}
	if n.challenger != addr {
		n.challenger, n.challenged = addr, now
	}
	ripe := max(n.challenged+steady, n.since+stay)
	if ripe > now {
		c.lookAt(ripe)
	}
	return ripe <= now
}

// activate has another candidate carry the data.
func (s *State) activate(c *connection, before, next int) {
	w := &s.wants[next]
	why := "it is good"
	switch p := s.pathAt(c, before); {
	case p == nil || p.state != established:
		why = "the path before is lost"
	case p.bad():
		why = "the path before is " + p.health.why
	case c.strategy.Kind == config.Interactive:
		why = "its latency is lower"
	case next < before:
		why = "it is preferred, and has been good for long enough"
	}
	s.hurry(c)
	c.intent.active, c.intent.since, c.intent.why, c.intent.challenger = w.local.Addr, s.now, why, netip.Addr{}
	c.tell(s.now, activeIs, &path{local: bare(w.local.Addr), remote: w.remote}, why)
}

func (s *State) pathAt(c *connection, i int) *path {
	if i < 0 {
		return nil
	}
	return c.on(&s.wants[i])
}
