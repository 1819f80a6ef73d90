package steering

import (
	"net/netip"
	"slices"
	"time"

	"allroads/internal/config"
)

// intent is what strategies know that have one active path, and others for need.
type intent struct {
	active     netip.Addr // local address of the path that carries the data
	since      moment     // that it does
	why        string     // the last change
	look       moment     // when to look again
	challenger netip.Addr // that has been better
	challenged moment     // since
}

const (
	// second is how long the first standby path may take to be joined before the next is.
	second = moment(time.Second)
	// steady is for how long a path has to have the lower latency before it is preferred,
	// and how long it stays so at least.
	steady = moment(time.Second)
	stay   = moment(3 * time.Second)
	// margin is by how much its latency has to be lower.
	margin = 5 * time.Millisecond
)

// planIntent is one path that carries the data, and others for need.
func (s *State) planIntent(c *connection) {
	s.candidates(c)
	s.watch(c, len(s.wants) > 1)
	if len(s.wants) == 0 {
		return
	}
	if c.intent == nil {
		c.intent = &intent{active: s.wants[c.beginning(s.wants)].local.Addr, since: s.now, why: "the path that the connection began on"}
	}
	c.intent.look = 0
	active := s.elect(c)
	s.standbys(c, active)
	for i := range s.wants {
		s.assign(c, i, active)
	}
}

// standbys decides which candidates are not joined now. Those before the active one are
// wanted for themselves; of those behind it one at a time is joined, in need.
func (s *State) standbys(c *connection, active int) {
	if c.strategy.Kind == config.Interactive || c.strategy.Kind == config.BackupPath && c.strategy.Join != config.WhenNeeded {
		return
	}
	need := !s.sound(c, active)
	for i := range s.wants {
		w := &s.wants[i]
		if i == active || i < active {
			continue
		}
		w.standby = !need
		p := c.on(w)
		switch {
		case !need:
		case p == nil || p.state == idle:
			need = false
			c.lookAt(s.now + second)
		case p.state == joining && p.since+second > s.now:
			need = false
			c.lookAt(p.since + second)
		}
	}
}

// assign tells what a candidate is to be: the active one, a backup, a path that is
// probed, one that is not needed any more.
func (s *State) assign(c *connection, i, active int) {
	w := &s.wants[i]
	sound, p := s.sound(c, active), c.on(w)
	there := p != nil && p.state == established
	w.backup = i != active && (sound || there)
	again := there && s.remakes(c, w)
	if i == active && sound && again && p.suspected() && c.roomFor(w) {
		w.count = 2
	}
	if i == active || !there || !sound {
		return
	}
	switch {
	case p.stuck() && again:
		w.close = true // What hangs in it goes on by the active one at once.
	case w.standby && (c.strategy.Kind == config.Handover || p.bad()):
		s.unneed(c, w, active)
	case p.bad() && p.health.kind == stale && !w.standby && again:
		w.count = 2
		w.close = !c.roomFor(w)
	}
}

// remakes tells whether a path could be joined again if its subflow was closed.
func (s *State) remakes(c *connection, w *want) (can bool) {
	if !slices.ContainsFunc(s.locals, func(l Local) bool { return l.Addr == w.local.Addr }) {
		return false
	}
	c.eachRemote(func(r remote, initial bool) bool {
		can = r.addr == w.remote && s.reaches(c, w.local, r, initial)
		return !can
	})
	return can
}

// unneed closes a path that was joined in need, when the active one is good again.
func (s *State) unneed(c *connection, w *want, active int) {
	p := c.on(&s.wants[active])
	ripe := max(p.goodSince(), c.intent.since)
	if c.intent.active == s.wants[active].local.Addr && c.intent.since > p.goodSince() {
		ripe = p.goodSince()
	}
	if ripe += c.recovers(p); ripe <= s.now {
		w.close = true
	} else {
		c.lookAt(ripe)
	}
}

// roomFor tells whether a path may be probed beside the subflow that is stuck.
func (c *connection) roomFor(w *want) bool {
	for _, p := range c.paths {
		if p.state == joining && p.is(w.local.Addr, w.remote) {
			return true // It is.
		}
	}
	return c.room(w)
}
