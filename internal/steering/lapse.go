package steering

import (
	"net/netip"
	"time"
)

// lapse is how often the paths from a local address went bad soon after they were good
// again: it outlives their subflows.
type lapse struct {
	local netip.Addr
	flaps uint8
}

const (
	// soon: what goes bad again before that was good too early.
	soon     = moment(time.Minute)
	maxFlaps = 4
	// mostLapses bounds what is remembered by a host whose addresses come and go.
	mostLapses = 8
)

// lapses remembers that a path goes bad. What counts is for how long it was good in use.
func (s *State) lapses(c *connection, p *path) {
	local, used := p.local.Addr().Unmap(), p.goodSince()
	if c.intent != nil && c.intent.active == local {
		used = max(used, c.intent.since)
	}
	for i := range c.lapsed {
		if l := &c.lapsed[i]; l.local == local {
			if l.flaps = min(l.flaps+1, maxFlaps); s.now-used >= soon {
				l.flaps = 0
			}
			return
		}
	}
	if len(c.lapsed) == mostLapses {
		c.lapsed = append(c.lapsed[:0], c.lapsed[1:]...)
	}
	c.lapsed = append(c.lapsed, lapse{local: local})
}

// flaps is how often a path went bad again too soon.
func (c *connection) flaps(p *path) uint8 {
	for _, l := range c.lapsed {
		if l.local == p.local.Addr().Unmap() {
			return l.flaps
		}
	}
	return 0
}

// lapsedOn tells whether a path was bad before.
func (c *connection) lapsedOn(p *path) bool {
	for _, l := range c.lapsed {
		if l.local == p.local.Addr().Unmap() {
			return true
		}
	}
	return false
}

// pause is how long a path is not tried after it went bad: at first not at all.
func (c *connection) pause(p *path) time.Duration {
	flaps := c.flaps(p)
	if flaps == 0 {
		return 0
	}
	return min(time.Second<<(flaps-1), probeEvery)
}
