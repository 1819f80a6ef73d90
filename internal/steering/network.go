package steering

import (
	"cmp"
	"slices"

	"allroads/internal/config"
)

// networkIs takes the local addresses. Whatever changed, those who wait for the network
// try again.
func (s *State) networkIs(locals []Local) {
	locals = slices.Clone(locals)
	slices.SortStableFunc(locals, func(a, b Local) int { return cmp.Compare(a.Settings.Cost, b.Settings.Cost) })
	changed := !s.network || !slices.EqualFunc(locals, s.locals, sameLocal)
	s.locals, s.network, s.changed = locals, true, s.now
	for _, c := range s.connections {
		if woken := c.wake(); changed || woken {
			for _, p := range c.paths {
				if p.link == 0 {
					s.place(p)
				}
			}
			s.steer(c)
		}
	}
}

// wake lets paths that wait for the network try again.
func (c *connection) wake() (woken bool) {
	for _, p := range c.paths {
		if p.state == waiting && p.next == 0 {
			p.state = idle
			woken = true
		}
	}
	return woken
}

// sameLocal compares all that decisions depend on.
func sameLocal(a, b Local) bool {
	x, y := a.Settings, b.Settings
	return a.Addr == b.Addr && a.Link == b.Link && a.ID == b.ID && x.Role == y.Role && x.Cost == y.Cost && x.Cap == y.Cap &&
		sameValue(x.Strategy, y.Strategy) && sameValue(x.Announce, y.Announce)
}

func sameValue[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// configured takes another configuration: connections whose strategy is the same go on.
func (s *State) configured(c *config.Config) {
	s.config = c
	for _, c := range s.connections {
		before := c.strategy
		if c.manager == kernel {
			continue
		}
		c.asking = c.asking && !c.decided
		s.decide(c)
		if c.strategy != before {
			c.tell(s.now, strategyIs, nil, c.rule)
			s.steer(c)
		}
	}
}

// owner takes whose a connection is.
func (s *State) owner(in Owner) {
	c := s.connections[in.Token]
	if c == nil {
		return
	}
	c.uid, c.cgroup = in.UID, in.Cgroup
	if c.asking {
		s.answered(c)
		s.steer(c)
	}
}
