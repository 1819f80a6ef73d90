package steering

import (
	"cmp"
	"slices"

	"allroads/internal/config"
)

// candidates fills s.wants with one path from each local address, the most wanted first.
func (s *State) candidates(c *connection) {
	begun := false
	for i := range s.locals {
		l := &s.locals[i]
		if w, ok := s.candidate(c, l); ok {
			begun = begun || c.initialOn(&w)
			s.wants = append(s.wants, w)
		}
	}
	if p := c.first(); p != nil && !begun && !s.hasLocal(c, p) {
		l := &Local{Addr: p.local.Addr().Unmap(), Link: int(p.link), Settings: config.InterfaceSettings{Role: config.Use}}
		s.wants = append(s.wants, want{local: l, remote: plain(p.remote), remoteID: p.remoteID, count: 1})
	}
	slices.SortStableFunc(s.wants, func(a, b want) int {
		x, y := a.local.Settings, b.local.Settings
		return cmp.Or(
			cmp.Compare(truth(x.Role == config.Backup), truth(y.Role == config.Backup)),
			cmp.Compare(x.Cost, y.Cost),
			cmp.Compare(truth(!c.initialOn(&a)), truth(!c.initialOn(&b))),
		)
	})
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hasLocal tells whether a candidate is from the address of a path.
func (s *State) hasLocal(c *connection, p *path) bool {
	return slices.ContainsFunc(s.wants, func(w want) bool { return w.local.Addr == p.local.Addr().Unmap() })
}

// first is the initial subflow, as long as it is there.
func (c *connection) first() *path {
	for _, p := range c.paths {
		if p.initial && p.state == established && !p.gone {
			return p
		}
	}
	return nil
}

// initialOn tells whether a want is the path of the initial subflow.
func (c *connection) initialOn(w *want) bool {
	return w.local.Addr == c.local.Addr().Unmap() && w.remote == plain(c.remote)
}

// candidate is the path from a local address: the one that is there, or else the one
// that is most likely to be.
func (s *State) candidate(c *connection, l *Local) (best want, ok bool) {
	rank := -1
	c.eachRemote(func(r remote, initial bool) bool {
		if s.reaches(c, l, r, initial) {
			w := want{local: l, remote: r.addr, remoteID: r.id, count: 1}
			if n := c.prospect(&w); n > rank {
				best, rank = w, n
			}
		}
		return true
	})
	// The peer may want no further subflows to its initial address; the one that is
	// there counts all the same.
	if p := c.first(); p != nil && p.is(l.Addr, plain(c.remote)) && rank < prospectLive+p.rank() {
		return want{local: l, remote: plain(c.remote), count: 1}, true
	}
	return best, rank >= 0
}

// beginning is the candidate on which the connection began.
func (c *connection) beginning(wants []want) int {
	return max(0, slices.IndexFunc(wants, func(w want) bool { return c.initialOn(&w) }))
}
