package steering

// spare ends what nobody wants: repeated subflows, those of another strategy, places
// for subflows that are not there.
func (s *State) spare(c *connection) {
	for i := len(c.paths) - 1; i >= 0; i-- {
		p := c.paths[i]
		if p.wanted || p.gone || p.pending != "" || p.hold > s.now {
			continue
		}
		switch {
		case !p.live():
			c.drop(p)
		case p.state == established && s.surplus(c, p) && c.others(p) > 0 && !c.busy(p):
			s.ask(c, p, Destroy, p.reason)
		}
	}
}

// surplus tells whether a subflow that is not wanted is to be closed, and says why.
func (s *State) surplus(c *connection, p *path) bool {
	switch {
	case c.repeated(p):
		p.reason = "another subflow is between the same addresses"
	case c.prune && !p.initial && c.has(p.remote), c.intent != nil && !p.initial && c.carries(p):
		p.reason = "the strategy does not want it"
	default:
		return false
	}
	return p.local.Port() != 0
}

// repeated tells whether another subflow between the same addresses is wanted, and good.
func (c *connection) repeated(p *path) bool {
	for _, o := range c.paths {
		if o != p && o.wanted && o.good() && o.is(p.local.Addr().Unmap(), plain(p.remote)) {
			return true
		}
	}
	return false
}
