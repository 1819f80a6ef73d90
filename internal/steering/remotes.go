package steering

import (
	"net/netip"
	"slices"
	"time"

	"allroads/pathmanager"
)

// A peer is a stranger. What it announces costs subflows and time, so that there is a
// bound: the kernel's own path manager has add_addr_accepted for that, 8 at most.
const (
	// mostRemotes is how many addresses of a peer are remembered.
	mostRemotes = 8
	// A peer may announce something new so often, and in a burst so many times.
	announcePace  = moment(10 * time.Second)
	announceBurst = 32
)

// heardOfRemote: the peer announced an address. It tells whether anything has changed.
func (s *State) heardOfRemote(c *connection, e *pathmanager.Event) bool {
	addr := netip.AddrPortFrom(e.Destination.Unmap(), value(e.DestinationPort))
	if addr.Port() == 0 {
		addr = netip.AddrPortFrom(addr.Addr(), c.remote.Port())
	}
	why := ""
	switch r := (remote{addr, value(e.RemoteID)}); {
	case !addr.Addr().IsValid() || slices.Contains(c.remotes, r) && !c.gaveUp(addr):
		return false
	case s.odd(c, addr.Addr()):
		why = "not used: it is no address of another host"
	case !c.listens(s.now):
		why = "not used: the peer announces too much"
	case !c.learn(r):
		why = "not used: enough of its addresses are known"
	}
	c.tell(s.now, peerAnnounced, &path{local: c.local, remote: addr}, why)
	if why != "" {
		return false
	}
	for _, p := range c.paths {
		if p.state == givenUp && plain(p.remote) == addr {
			p.becomes(idle, s.now)
		}
	}
	return true
}

// gaveUp tells whether a path to an address was given up, which the peer may say again.
func (c *connection) gaveUp(addr netip.AddrPort) bool {
	return slices.ContainsFunc(c.paths, func(p *path) bool { return p.state == givenUp && plain(p.remote) == addr })
}

// listens tells whether a peer may say something new now.
func (c *connection) listens(now moment) bool {
	c.spoken = max(c.spoken, now)
	if c.spoken-now > (announceBurst-1)*announcePace {
		return false
	}
	c.spoken += announcePace
	return true
}

// learn remembers an address of the peer, if there is room.
func (c *connection) learn(r remote) bool {
	for i := range c.remotes {
		if c.remotes[i].id == r.id {
			c.remotes[i] = r
			return true
		}
	}
	if len(c.remotes) >= mostRemotes {
		return false
	}
	c.remotes = append(c.remotes, r)
	return true
}

// odd tells whether an announced address is one to which no subflow is to go, whatever
// the peer says: it would reach this host itself, or many at once.
func (s *State) odd(c *connection, to netip.Addr) bool {
	switch first := c.remote.Addr().Unmap(); {
	case to.IsLoopback():
		return !first.IsLoopback()
	case to.Is4() && to.As4()[0] >= 240, !to.IsGlobalUnicast() && !to.IsLinkLocalUnicast():
		return true
	default:
		return s.own(to) && !s.own(first)
	}
}

// own tells whether an address is of this host, as far as its addresses may be used.
func (s *State) own(a netip.Addr) bool {
	return slices.ContainsFunc(s.locals, func(l Local) bool { return l.Addr == a })
}
