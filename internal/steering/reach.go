package steering

import (
	"allroads/internal/config"
)

// eachRemote calls f with the addresses of the peer that subflows may be made to, the
// initial one first.
func (c *connection) eachRemote(f func(remote, bool) bool) {
	if !c.denied && !c.withdrawn && !f(remote{plain(c.remote), 0}, true) {
		return
	}
	for i, r := range c.remotes {
		if !c.repeats(i) && !f(r, false) {
			return
		}
	}
}

// repeats tells whether an announced address is one that came before it.
func (c *connection) repeats(i int) bool {
	if !c.denied && !c.withdrawn && c.remotes[i].addr == plain(c.remote) {
		return true
	}
	for _, r := range c.remotes[:i] {
		if r.addr == c.remotes[i].addr {
			return true
		}
	}
	return false
}

// reaches tells whether a subflow could be made from a local address to one of the peer.
func (s *State) reaches(c *connection, l *Local, r remote, initial bool) bool {
	to := r.addr.Addr()
	switch {
	case l.Settings.Role == config.Signal || l.Settings.Role == config.Never:
		return false
	case l.Settings.Role == config.Laminar && initial:
		return false
	case l.Addr.Is4() != to.Is4() || !c.v6 && !to.Is4() || l.Addr == to:
		return false
	case to.IsLoopback() != l.Addr.IsLoopback():
		return false
	case to.IsLinkLocalUnicast() || l.Addr.IsLinkLocalUnicast():
		return to.IsLinkLocalUnicast() && l.Addr.IsLinkLocalUnicast() && l.Link == s.linkOf(c)
	}
	return true
}

// linkOf is the interface of a connection's first path, 0 where it is not known.
func (s *State) linkOf(c *connection) int {
	first := path{local: c.local}
	s.place(&first)
	return int(first.link)
}

// on is the best subflow on a wanted path.
func (c *connection) on(w *want) (best *path) {
	for _, p := range c.paths {
		if p.is(w.local.Addr, w.remote) && (best == nil || p.rank() > best.rank()) {
			best = p
		}
	}
	return best
}

// rank orders paths between the same addresses: the good before the bad.
func (p *path) rank() int {
	switch {
	case p.good():
		return 3
	case p.state == established:
		return 2
	case p.state == joining:
		return 1
	}
	return 0
}

// good tells whether a path can be relied upon.
func (p *path) good() bool {
	return p.state == established && !p.gone && p.pending != Destroy && p.pending != Withdraw && !p.bad()
}
