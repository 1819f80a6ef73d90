package steering

import (
	"time"

	"allroads/internal/policy"
	"allroads/pathmanager"
)

// Pending is something that waits.
type Pending struct {
	What  string // "192.168.0.2 on wlan0"
	For   string // "a route to 203.0.113.7"
	Token pathmanager.Token
	Next  time.Time // when it is tried again; zero: when something changes
	Tries int
}

// Pending tells all paths that wait, and for what.
func (s *State) Pending() (all []Pending) {
	for _, c := range s.connections {
		for _, p := range c.paths {
			if p.state == waiting && !p.standby {
				all = append(all, s.pendingPath(c, p))
			}
		}
	}
	return append(all, s.pendingListeners()...)
}

func (s *State) pendingPath(c *connection, p *path) Pending {
	v := Pending{What: p.local.Addr().Unmap().String(), For: p.waitsFor(), Token: c.token, Tries: int(p.tries)}
	if name := s.interfaceOf(p); name != "" {
		v.What += " on " + name
	}
	if p.next != 0 {
		v.Next = s.time(p.next)
	}
	return v
}

// waitsFor names what a waiting path waits for.
func (p *path) waitsFor() string {
	to := plain(p.remote).Addr().String()
	switch {
	case p.next != 0:
		return "another try to reach " + plain(p.remote).String() + ": " + p.reason
	case p.cause == policy.NoRoute:
		return "a route to " + to
	case p.cause == policy.NoAddress:
		return "its address to be usable"
	case p.cause == policy.NoDevice || p.cause == policy.Down:
		return "its interface"
	}
	return "a change of the network: " + p.reason
}
