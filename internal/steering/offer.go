package steering

import (
	"errors"
	"net/netip"
	"syscall"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/pathmanager"
)

// offer is an address that is announced to the peer of an accepted connection.
type offer struct {
	addr    netip.AddrPort // as the peer is told; port 0: that of the connection
	local   netip.Addr     // of this host
	listens netip.AddrPort // where somebody has to listen for it; not valid: nowhere
	next    moment         // when it is tried again
	tries   int
	id      uint8
	told    bool // the peer was
	wanted  bool
	pending Action
}

// offer announces the addresses that are there for that, and withdraws those that are
// not any more.
func (s *State) offer(c *connection) {
	for _, o := range c.offers {
		o.wanted = false
	}
	for i := range s.locals {
		if l := &s.locals[i]; l.Settings.Role == config.Signal && c.offerable(l) {
			s.propose(c, l)
		}
	}
	for i := len(c.offers) - 1; i >= 0; i-- {
		if o := c.offers[i]; !o.wanted && o.pending == "" {
			s.recall(c, o)
		}
	}
}

// offerable tells whether the peer could make use of an address.
func (c *connection) offerable(l *Local) bool {
	if l.Addr.IsLinkLocalUnicast() || l.Addr.IsLoopback() || c.remote.Addr().Unmap().IsLoopback() {
		return false
	}
	public := announcement(l)
	known := public == bare(c.local.Addr()) || public == plain(c.local)
	return !known && (c.v6 || public.Addr().Is4())
}

// announcement is what peers are told of an address.
func announcement(l *Local) netip.AddrPort {
	a := l.Settings.Announce
	if a == nil {
		return bare(l.Addr)
	}
	if a.Address.IsValid() {
		return netip.AddrPortFrom(a.Address.Unmap(), a.Port)
	}
	return netip.AddrPortFrom(l.Addr, a.Port)
}

// listens is where an announced port leads to.
func listens(l *Local) (at netip.AddrPort) {
	if a := l.Settings.Announce; a != nil && a.Listen != 0 {
		return netip.AddrPortFrom(l.Addr, a.Listen)
	} else if a != nil && a.Port != 0 {
		return netip.AddrPortFrom(l.Addr, a.Port)
	}
	return at
}

// propose announces one address, if the peer was not told.
func (s *State) propose(c *connection, l *Local) {
	addr, at := announcement(l), listens(l)
	var o *offer
	for _, known := range c.offers {
		if known.addr == addr && known.listens == at {
			o = known
		} else if known.addr == addr || known.local == l.Addr && !known.wanted {
			return // It is withdrawn first.
		}
	}
	if o == nil {
		o = &offer{addr: addr, local: l.Addr, listens: at}
		c.offers = append(c.offers, o)
		s.acquire(o)
	}
	o.wanted = true
	if !o.told && o.pending == "" && o.next <= s.now {
		s.announce(c, o, l)
	}
}

func (s *State) announce(c *connection, o *offer, l *Local) {
	if o.id = c.idOf(o.addr, l.ID); o.id == 0 {
		return
	}
	c.know(o.addr, o.id)
	s.admit(c, o)
	o.pending, o.next = Announce, 0
	why := "role signal (" + l.Rule + ")"
	c.tell(s.now, announces, &path{local: o.addr, remote: c.remote}, why)
	s.command(Command{
		Action: Announce, Token: c.token, Why: why,
		Local: pathmanager.Endpoint{Addr: o.addr.Addr(), Port: o.addr.Port(), ID: o.id, Flags: pathmanager.Signal},
	})
}

// admit has the kernel take subflows to a port of this host that is neither the
// connection's nor the announced one: it takes those whose own address and port were
// announced (mptcp_pm_sport_in_anno_list in net/mptcp/pm.c). The peer could not reach them,
// and is not to be told: an IPv4 address in IPv6 form with a port finds no room in a
// packet with TCP timestamps, and to the kernel it is the same address. It comes before the
// public one: once a subflow came, the address has an id of the kernel's.
func (s *State) admit(c *connection, o *offer) {
	at := o.listens
	if !at.IsValid() || at == o.addr || at.Port() == c.local.Port() || !at.Addr().Is4() {
		return
	}
	at = netip.AddrPortFrom(netip.AddrFrom16(at.Addr().As16()), at.Port())
	id := c.idOf(at, o.id%255+1)
	if id == 0 || id == o.id {
		return
	}
	c.know(at, id)
	s.command(Command{
		Action: Announce, Token: c.token, Why: "the NAT leads to another port",
		Local: pathmanager.Endpoint{Addr: at.Addr(), Port: at.Port(), ID: id, Flags: pathmanager.Signal},
	})
}

// recall withdraws an announcement. One that carries the last subflow stays.
func (s *State) recall(c *connection, o *offer) {
	if !o.told {
		s.unofferedAt(c, o)
		return
	}
	if o.next > s.now || c.needs(o) {
		return
	}
	o.pending = Withdraw
	why := "it is not to be announced any more"
	c.tell(s.now, withdrawsOffer, &path{local: o.addr, remote: c.remote}, why)
	s.command(Command{
		Action: Withdraw, Token: c.token, Why: why,
		Local: pathmanager.Endpoint{Addr: o.addr.Addr(), Port: o.addr.Port(), ID: o.id},
	})
}

// needs tells whether subflows to an announced address are the last ones, or whether it
// is being withdrawn already.
func (c *connection) needs(o *offer) bool {
	for _, p := range c.paths {
		if p.localID != o.id || p.initial {
			continue
		}
		if p.pending == Withdraw || p.state == established && c.others(p) == 0 {
			return true
		}
	}
	return false
}

// offered: the kernel took an announcement, or refused it.
func (s *State) offered(c *connection, d Done) {
	for _, o := range c.offers {
		if o.pending != Announce || o.id != d.Command.Local.ID {
			continue
		}
		o.pending, o.told = "", d.Err == nil
		if d.Err != nil {
			c.tell(s.now, refused, &path{local: o.addr, remote: c.remote}, d.Err.Error())
			s.putOff(c, o, d.Err)
		}
	}
}

func (s *State) putOff(c *connection, o *offer, err error) {
	if mismatch(err) {
		c.misnumber(o.id)
	}
	o.tries++
	wait, again := policy.Backoff(policy.CauseOfError(err), o.tries)
	if !again {
		wait, _ = policy.Backoff(policy.Unknown, o.tries)
	}
	o.next = s.after(max(wait, shortest))
}

// unoffered: the peer was told that the address with an id is gone.
func (s *State) unoffered(c *connection, id uint8, failed bool) {
	for i := len(c.offers) - 1; i >= 0; i-- {
		o := c.offers[i]
		switch {
		case o.id != id || !o.told:
		case failed && o.pending == Withdraw:
			o.pending = ""
			o.tries++
			wait, _ := policy.Backoff(policy.Unknown, o.tries)
			o.next = s.after(wait)
		case !failed:
			s.unofferedAt(c, o)
		}
	}
}

func (s *State) unofferedAt(c *connection, o *offer) {
	s.release(o)
	for i := range c.offers {
		if c.offers[i] == o {
			c.offers = append(c.offers[:i], c.offers[i+1:]...)
			return
		}
	}
}

// inUse tells whether somebody else listens already, which does as well.
func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
