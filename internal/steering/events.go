package steering

import (
	"net/netip"
	"slices"

	"allroads/internal/policy"
	"allroads/pathmanager"
)

// event takes one of the kernel's.
func (s *State) event(e *pathmanager.Event) {
	c := s.connections[e.Token]
	if c == nil {
		if e.Type != pathmanager.Created && e.Type != pathmanager.Established || !e.Source.IsValid() {
			return // It is gone, or will be found.
		}
		local, remote := ends(e)
		c = s.begin(e.Token, local, remote, e.ServerSide)
	}
	c.heard = s.now
	switch e.Type {
	case pathmanager.Established:
		s.fully(c, e)
	case pathmanager.Closed:
		s.close(c, "")
		return
	case pathmanager.Announced:
		if !s.heardOfRemote(c, e) {
			return
		}
	case pathmanager.Removed:
		s.remoteGone(c, e)
	case pathmanager.SubflowEstablished:
		s.joined(c, e)
	case pathmanager.SubflowClosed:
		s.subflowGone(c, e)
	case pathmanager.SubflowPriority:
		local, remote := ends(e)
		c.tell(s.now, peerPriority, &path{local: local, remote: remote}, "")
		return
	default:
		return
	}
	s.steer(c)
}

// ends are the addresses of an event, as the kernel tells them.
func ends(e *pathmanager.Event) (local, remote netip.AddrPort) {
	return netip.AddrPortFrom(e.Source, value(e.SourcePort)), netip.AddrPortFrom(e.Destination, value(e.DestinationPort))
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// begin takes on a connection with its initial subflow.
func (s *State) begin(token pathmanager.Token, local, remote netip.AddrPort, server bool) *connection {
	c := s.open(token, local, remote, server)
	s.counts.Managed++
	p := c.add(local, remote)
	p.initial = true
	p.becomes(established, s.now)
	s.place(p)
	s.decide(c)
	return c
}

// place finds the interface of a path.
func (s *State) place(p *path) {
	if l := s.localAt(p); l != nil {
		p.link = int32(l.Link)
	}
}

// localAt is the local address of a path, nil where it may not be used.
func (s *State) localAt(p *path) *Local {
	addr := p.local.Addr().Unmap()
	for i := range s.locals {
		if l := &s.locals[i]; l.Addr == addr && (p.link == 0 || int(p.link) == l.Link) {
			return l
		}
	}
	return nil
}

// fully: from now on subflows can be made.
func (s *State) fully(c *connection, e *pathmanager.Event) {
	c.server = c.server || e.ServerSide
	if value(e.Flags)&pathmanager.DenyJoinID0 != 0 && !c.denied {
		c.denied = true
		c.tell(s.now, peerDenies, nil, "")
	}
	if !c.established {
		c.established, c.began = true, s.now
	}
}

// remoteGone: the peer withdrew an address. The kernel closes the subflows to it.
func (s *State) remoteGone(c *connection, e *pathmanager.Event) {
	id := value(e.RemoteID)
	gone := c.remote
	c.withdrawn = c.withdrawn || id == 0
	for i, r := range c.remotes {
		if r.id == id {
			gone = r.addr
			c.remotes = append(c.remotes[:i], c.remotes[i+1:]...)
			break
		}
	}
	c.tell(s.now, peerWithdrew, &path{local: c.local, remote: gone}, "")
}

// joined: a further subflow is there.
func (s *State) joined(c *connection, e *pathmanager.Event) {
	local, remote := ends(e)
	p := c.find(local, remote)
	if p == nil {
		p = c.unjoined(local, remote)
	}
	if p == nil {
		p = c.add(local, remote)
	}
	s.take(c, p, local, remote, value(e.LocalID), value(e.RemoteID))
	if !p.made && p.pending == "" && c.crowded() {
		s.ask(c, p, Destroy, "the peer made more subflows than a connection may have")
	}
}

// crowded tells whether a connection has more subflows than it may: under the userspace
// path manager the kernel lets the peer make any number.
func (c *connection) crowded() bool {
	most, live := mostRemotes, 0
	if c.strategy != nil {
		most = max(most, c.bound())
	}
	for _, p := range c.paths {
		if p.live() && p.pending != Destroy {
			live++
		}
	}
	return live > most+1
}

// unjoined is a path between two addresses that is not joined, as far as is known.
func (c *connection) unjoined(local, remote netip.AddrPort) *path {
	for _, p := range c.paths {
		if !p.live() && p.is(local.Addr().Unmap(), plain(remote)) {
			return p
		}
	}
	return nil
}

// take: a subflow is established.
func (s *State) take(c *connection, p *path, local, remote netip.AddrPort, localID, remoteID uint8) {
	if p.state == established {
		return
	}
	if p.state != joining {
		p.made, p.backup = false, false
	}
	p.local, p.remote, p.localID, p.remoteID = local, remote, localID, remoteID
	p.becomes(established, s.now)
	p.reason = ""
	c.know(bare(local.Addr()), localID)
	s.place(p)
	c.relieve(p, s.now)
	c.tell(s.now, joined, p, "")
}

// subflowGone: a subflow is closed, or was not made.
func (s *State) subflowGone(c *connection, e *pathmanager.Event) {
	local, remote := ends(e)
	p := c.find(local, remote)
	if c.wasDestroyed(pair{local, remote}) || p == nil {
		return
	}
	s.ended(c, p, policy.CauseOf(*e))
}

// pair is the addresses and ports of a subflow.
type pair struct{ local, remote netip.AddrPort }

// destroys remembers a subflow that was closed here: the kernel tells of that, too, and it
// may be heard late, when another is made between its addresses.
func (c *connection) destroys(p *path) {
	const most = 4
	c.closedHere = append(c.closedHere[max(0, len(c.closedHere)-most+1):], pair{plain(p.local), plain(p.remote)})
}

// wasDestroyed tells whether the event is about one of them, once.
func (c *connection) wasDestroyed(of pair) bool {
	at := slices.Index(c.closedHere, pair{plain(of.local), plain(of.remote)})
	if at < 0 || of.local.Port() == 0 {
		return false
	}
	c.closedHere = slices.Delete(c.closedHere, at, at+1)
	return true
}

// ended takes a subflow that is gone.
func (s *State) ended(c *connection, p *path, why policy.Cause) {
	expected := p.pending == Destroy || p.pending == Withdraw || p.gone || !c.has(p.remote)
	switch {
	case expected:
		c.tell(s.now, subflowClosed, p, p.reason)
		s.over(c, p)
	case p.state == established:
		s.counts.Lost++
		c.tell(s.now, subflowLost, p, string(why))
		if s.now-p.since > stable {
			p.tries = 0
		}
		s.fail(c, p, why)
	default:
		c.tell(s.now, notMade, p, string(why))
		s.fail(c, p, why)
	}
}

// has tells whether the peer still has an address.
func (c *connection) has(remote netip.AddrPort) bool {
	remote = plain(remote)
	if remote == plain(c.remote) && !c.withdrawn {
		return true
	}
	for _, r := range c.remotes {
		if r.addr == remote {
			return true
		}
	}
	return false
}

// rest makes a path one that is not joined.
func (s *State) rest(p *path) {
	p.local = netip.AddrPortFrom(p.local.Addr(), 0)
	p.initial, p.backup, p.made, p.told, p.sought, p.health = false, false, false, false, false, nil
	p.becomes(idle, s.now)
}
