package steering

import (
	"allroads/internal/config"
)

// planSingle is one subflow from each interface.
func (s *State) planSingle(c *connection) {
	for i := range s.locals {
		if !s.before(i) {
			s.planLink(c, s.locals[i].Link)
		}
	}
}

// before tells whether an address of the same interface came before one.
func (s *State) before(i int) bool {
	for j := range s.locals[:i] {
		if s.locals[j].Link == s.locals[i].Link {
			return true
		}
	}
	return false
}

// planLink wants what is there of an interface, or else what can be, or is to be tried.
func (s *State) planLink(c *connection, link int) {
	best, bestRank := want{}, -1
	s.eachFrom(c, link, func(l *Local, r remote) {
		w := want{local: l, remote: r.addr, remoteID: r.id, count: 1, backup: l.Settings.Role == config.Backup}
		if rank := c.prospect(&w); rank > bestRank {
			best, bestRank = w, rank
		}
	})
	if bestRank >= 0 && (bestRank >= prospectLive || !c.carried(link)) {
		s.wants = append(s.wants, best)
	}
}

// eachFrom calls f with the paths that can be from an interface.
func (s *State) eachFrom(c *connection, link int, f func(*Local, remote)) {
	c.eachRemote(func(r remote, initial bool) bool {
		for i := range s.locals {
			if l := &s.locals[i]; l.Link == link && s.reaches(c, l, r, initial) {
				f(l, r)
			}
		}
		return true
	})
}

const prospectLive = 3

// prospect orders paths by how likely it is that they carry data soon.
func (c *connection) prospect(w *want) int {
	switch p := c.on(w); {
	case p == nil || p.state == idle:
		return 2
	case p.live():
		return prospectLive + p.rank()
	case p.state == waiting:
		return 1
	}
	return 0
}

// carried tells whether there is a subflow from an interface that no want is about, as
// the initial one where the peer denies more.
func (c *connection) carried(link int) bool {
	for _, p := range c.paths {
		if int(p.link) == link && p.state == established && !p.gone {
			return true
		}
	}
	return false
}
