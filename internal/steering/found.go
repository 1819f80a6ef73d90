package steering

import (
	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/pathmanager"
)

// found compares what is known with what is alive.
func (s *State) found(in Found) {
	began := s.now
	if !in.Began.IsZero() {
		began = s.moment(in.Began)
	}
	alive := make(map[pathmanager.Token]bool, len(in.Connections))
	for i := range in.Connections {
		alive[in.Connections[i].Token] = true
	}
	for token, c := range s.connections {
		if !alive[token] && c.heard <= began {
			s.close(c, "it was gone when all connections were looked at")
		}
	}
	for i := range in.Connections {
		s.adopt(&in.Connections[i], began)
	}
}

// adopt takes on a connection that is alive, or corrects what is known of it.
func (s *State) adopt(l *Live, began moment) {
	c := s.connections[l.Token]
	if c == nil {
		if gone := s.closed.of(l.Token); gone != nil && gone.closed > began {
			return
		}
		c = s.open(l.Token, l.Local, l.Remote, l.Side == config.Server)
		c.v6 = l.V6Socket || c.v6
		s.counts.Managed++
		c.uid, c.cgroup = l.UID, l.Cgroup
		s.decide(c)
	}
	for i := range l.Addresses {
		e := &l.Addresses[i]
		c.learnID(e)
	}
	s.confirm(c, l, began)
	c.established = c.established || len(c.paths) != 0 && c.paths[0].state == established
	s.steer(c)
}

// learnID takes an address that the kernel has in its list of a connection.
func (c *connection) learnID(e *pathmanager.Endpoint) {
	addr := bare(e.Addr)
	for i := range c.known {
		if c.known[i].id == e.ID && c.known[i].addr.Addr() != addr.Addr() {
			c.known = append(c.known[:i], c.known[i+1:]...)
			break
		}
	}
	c.know(addr, e.ID)
}

// confirm compares the subflows of a connection with those that it has.
func (s *State) confirm(c *connection, l *Live, began moment) {
	for _, p := range c.paths {
		p.wanted = false // Here: it is alive.
	}
	for i := range l.Subflows {
		s.meet(c, &l.Subflows[i])
	}
	for _, p := range c.paths {
		if !p.wanted && p.live() && p.pending == "" && p.since <= began {
			s.ended(c, p, policy.Ended)
		}
	}
}

// meet finds a subflow among the paths of a connection, or adds it.
func (s *State) meet(c *connection, f *LiveSubflow) {
	p := c.find(f.Local, f.Remote)
	if !f.Established && !f.Opening && (p == nil || p.local.Port() != f.Local.Port()) {
		return // It was closed here, and the peer has not heard of it.
	}
	if p == nil {
		if p = c.unjoined(f.Local, f.Remote); p == nil {
			p = c.add(f.Local, f.Remote)
		}
	}
	p.wanted = true
	switch {
	case p.state == established:
	case f.Established:
		initial := plain(f.Local) == plain(c.local) && plain(f.Remote) == plain(c.remote)
		s.take(c, p, f.Local, f.Remote, f.LocalID, f.RemoteID)
		p.initial, p.backup = initial, f.Backup
		if f.RemoteID != 0 {
			c.learn(remote{plain(f.Remote), f.RemoteID})
		}
	default:
		p.local, p.remote, p.localID, p.remoteID = f.Local, f.Remote, f.LocalID, f.RemoteID
		if p.state != joining {
			p.becomes(joining, s.now)
		}
		p.next = s.after(joinBound)
	}
}
