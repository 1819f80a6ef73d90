package steering

import (
	"net/netip"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// connection is one that is decided about.
type connection struct {
	token         pathmanager.Token
	local, remote netip.AddrPort // of the initial subflow, as the kernel tells them
	strategy      *config.Strategy
	rule          string
	paths         []*path
	remotes       []remote // announced by the peer
	known         []known  // local addresses with their ids
	offers        []*offer // addresses announced to the peer
	story         story
	intent        *intent // of strategies that have an active path
	lapsed        []lapse // of paths that were bad

	since, began, closed moment        // first heard of; fully established; gone
	heard                moment        // last event
	due                  moment        // of its timer
	place                int32         // in the timers, from 1; 0: none
	looked, moved        moment        // measured last; carried data last
	pace                 time.Duration // how often it is measured
	watch                int32         // place among the watched, from 1; 0: none

	server      bool
	v6          bool // the socket is AF_INET6: it can have both families
	established bool // fully: subflows can be made
	manager     manager
	closing     bool // nothing can be made any more
	denied      bool // no subflows to the initial address: the peer said so
	withdrawn   bool // the peer withdrew its initial address
	prune       bool // subflows that are not wanted are closed
	measures    bool // its strategy needs measurements
	seeking     bool // ports of its subflows are looked for
	asking      bool // its owner is asked for
	decided     bool // on a strategy
	uid         *uint32
	cgroup      *string

	closedHere []pair // the last subflows that were closed here: the kernel is yet to tell

	spoken moment // how much of what the peer may announce is used up, as a time
	slots  [4]*path
}

// manager is who manages the paths of a connection.
type manager uint8

const (
	unclear   manager = iota
	userspace         // this one
	kernel            // it was made under the kernel's path manager
)

// remote is an address that the peer announced.
type remote struct {
	addr netip.AddrPort
	id   uint8
}

// known is a local address, with its port where it was announced with one, and the id
// that it has in the connection.
type known struct {
	addr netip.AddrPort
	id   uint8
}

// open takes a connection on.
func (s *State) open(token pathmanager.Token, local, remote netip.AddrPort, server bool) *connection {
	c := &connection{
		token: token, local: local, remote: remote, server: server, v6: local.Addr().Is6(),
		since: s.now, heard: s.now,
	}
	c.paths = c.slots[:0]
	s.connections[token] = c
	s.counts.Seen++
	return c
}

// close forgets a connection but for its story.
func (s *State) close(c *connection, why string) {
	delete(s.connections, c.token)
	if s.peak = max(s.peak, len(s.connections)); len(s.connections) == 0 && s.peak > 1024 {
		s.connections, s.peak = map[pathmanager.Token]*connection{}, 0 // A map never shrinks.
	}
	s.timers.set(c, 0)
	s.unwatch(c)
	for _, o := range c.offers {
		s.release(o)
	}
	if c.manager != kernel {
		s.counts.Managed--
	}
	c.closed = s.now
	c.tell(s.now, closedConnection, nil, why)
	s.closed.add(c)
}

// idOf is the id that a local address has, or is to have, in a connection.
func (c *connection) idOf(addr netip.AddrPort, wanted uint8) uint8 {
	if addr.Port() == 0 && addr.Addr() == c.local.Addr().Unmap() {
		return 0
	}
	for _, k := range c.known {
		if k.addr == addr {
			return k.id
		}
	}
	for id := wanted; ; id++ {
		if id != 0 && !c.taken(id) {
			return id
		}
		if id+1 == wanted {
			return 0 // All 255 are taken.
		}
	}
}

func (c *connection) taken(id uint8) bool {
	for _, k := range c.known {
		if k.id == id {
			return true
		}
	}
	return false
}

// know remembers which id a local address has. What the kernel says (event, dump)
// replaces what was thought.
func (c *connection) know(addr netip.AddrPort, id uint8) {
	if id == 0 {
		return
	}
	for i := range c.known {
		if c.known[i].addr == addr {
			c.known[i].id = id
			return
		}
	}
	c.known = append(c.known, known{addr, id})
}

// forget is for addresses that were withdrawn.
func (c *connection) forget(id uint8) {
	for i, k := range c.known {
		if k.id == id {
			c.known = append(c.known[:i], c.known[i+1:]...)
			return
		}
	}
}

// bare is an address without a port, IPv4 as itself.
func bare(addr netip.Addr) netip.AddrPort { return netip.AddrPortFrom(addr.Unmap(), 0) }

// plain is an address and port, IPv4 as itself.
func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
