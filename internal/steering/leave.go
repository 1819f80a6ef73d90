package steering

import (
	"allroads/pathmanager"
)

// leave deals with addresses that are gone: the peer is told first, then what is left
// is closed; the last subflow stays until there is another.
func (s *State) leave(c *connection) {
	for _, p := range c.paths {
		p.gone = p.link != 0 && s.localAt(p) == nil
	}
	for i := len(c.paths) - 1; i >= 0; i-- {
		p := c.paths[i]
		switch {
		case !p.gone || p.pending != "" || p.hold > s.now:
		case !p.live():
			c.drop(p)
		case p.state != established || p.local.Port() == 0:
			// It ends by itself.
		case c.others(p) == 0:
			p.reason = "its address is gone: kept until there is another path"
		case !p.told && c.addressBusy(p):
			// One thing after the other.
		case !p.told:
			s.withdraw(c, p)
		default:
			p.reason = "its address is gone"
			s.ask(c, p, Destroy, p.reason)
		}
	}
}

// addressBusy tells whether a command about the local address of a path is under way.
func (c *connection) addressBusy(p *path) bool {
	for _, o := range c.paths {
		if o.pending != "" && o.local.Addr().Unmap() == p.local.Addr().Unmap() {
			return true
		}
	}
	return false
}

// withdraw tells the peer that an address is gone.
func (s *State) withdraw(c *connection, p *path) {
	why := "the address is gone from this host"
	for _, o := range c.paths {
		if o.localID == p.localID && o.local.Addr().Unmap() == p.local.Addr().Unmap() && o.pending == "" && o.state == established {
			o.pending, o.asked, o.reason = Withdraw, s.now, "its address is gone"
		}
	}
	c.tell(s.now, withdraws, p, why)
	s.command(Command{
		Action: Withdraw, Token: c.token, Why: why,
		Local: pathmanager.Endpoint{Addr: p.local.Addr().Unmap(), ID: p.localID},
	})
}
