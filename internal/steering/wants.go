package steering

import (
	"net/netip"

	"allroads/internal/config"
)

// want is a path that a strategy wants, or would want in need.
type want struct {
	local    *Local
	remote   netip.AddrPort
	remoteID uint8
	count    int  // subflows on it
	backup   bool // joined as one, or made one
	standby  bool // not to be joined now
	close    bool // what is there is to be closed
}

// defaultSubflows is the bound where the configuration has none.
const defaultSubflows = 8

func (c *connection) bound() int {
	if c.strategy.Subflows > 0 {
		return c.strategy.Subflows
	}
	return defaultSubflows
}

// plan fills s.wants with what the strategy of a connection wants, the most wanted
// first.
func (s *State) plan(c *connection) {
	s.wants = s.wants[:0]
	switch c.strategy.Kind {
	case config.NoPaths:
	case config.NDiffPorts:
		s.planPorts(c)
	case config.SinglePerInterface:
		s.planSingle(c)
	case config.BackupPath, config.Handover, config.Interactive:
		s.planIntent(c)
	case config.Aggregate:
		s.planMesh(c)
		s.planNeed(c)
	default:
		s.planMesh(c)
	}
}

// planMesh is every local address to every remote one.
func (s *State) planMesh(c *connection) {
	c.eachRemote(func(r remote, initial bool) bool {
		for i := range s.locals {
			if l := &s.locals[i]; s.reaches(c, l, r, initial) {
				s.want(l, r, l.Settings.Role == config.Backup)
			}
		}
		return true
	})
}

func (s *State) want(l *Local, r remote, backup bool) {
	s.wants = append(s.wants, want{local: l, remote: r.addr, remoteID: r.id, count: 1, backup: backup})
}

// planNeed keeps backup addresses for when no other path is good.
func (s *State) planNeed(c *connection) {
	need := true
	for i := range s.wants {
		w := &s.wants[i]
		if p := c.on(w); !w.backup && p != nil && p.good() {
			need = false
		}
	}
	spare := false
	for i := range s.wants {
		s.wants[i].standby = s.wants[i].backup && !need
		spare = spare || s.wants[i].backup
	}
	s.watch(c, spare)
}

// planPorts is several subflows between the initial addresses; where the peer denies more
// to its own, to an announced one: that where some are.
func (s *State) planPorts(c *connection) {
	best, most := want{}, -1
	for i := range s.locals {
		l := &s.locals[i]
		c.eachRemote(func(r remote, initial bool) bool {
			if l.Addr == c.local.Addr().Unmap() && s.reaches(c, l, r, initial) {
				w := want{local: l, remote: r.addr, remoteID: r.id, backup: l.Settings.Role == config.Backup}
				if n := c.madeOn(&w); n > most {
					best, most = w, n
				}
			}
			return true
		})
	}
	if most < 0 {
		return
	}
	best.count = max(c.strategy.N, 1)
	if p := c.first(); p != nil && !p.is(best.local.Addr, best.remote) {
		best.count-- // The initial subflow is one of them.
	}
	s.wants = append(s.wants, best)
}

// madeOn counts the subflows that were made on a wanted path.
func (c *connection) madeOn(w *want) (n int) {
	for _, p := range c.paths {
		if p.live() && !p.initial && p.is(w.local.Addr, w.remote) {
			n++
		}
	}
	return n
}
