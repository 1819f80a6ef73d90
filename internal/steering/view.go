package steering

import (
	"iter"
	"net/netip"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// Connection is what is known of a connection, and decided.
type Connection struct {
	Token         pathmanager.Token
	Side          config.Side
	Local, Remote netip.AddrPort // of its initial subflow
	Manager       string         // userspace, kernel
	Strategy      config.Strategy
	Rule          string    // that the strategy is from; "" where it is not decided yet
	Since         time.Time // when it was first heard of
	Closed        time.Time // zero: it is alive
	Paths         []Path
}

// Path is a subflow, or one that is to be.
type Path struct {
	Local, Remote     netip.AddrPort // the local port is 0 until it is known
	Interface         string         // "" where it is not known
	LocalID, RemoteID uint8
	State             string // established, joining, waiting, standby, given-up
	Backup            bool
	Reason            string    // why it is not established, or is bad; "": nothing to say
	Next              time.Time // when it is tried again; zero: when something changes
	Tries             int       // failures in a row
}

// Story is what became of a connection, and why.
type Story struct {
	Connection Connection
	Entries    []Entry
	Forgotten  int // entries that there was no room for
}

// The states of a Path.
const (
	PathEstablished = "established"
	PathJoining     = "joining"
	PathWaiting     = "waiting"
	PathStandby     = "standby" // it would be joined in need
	PathGivenUp     = "given-up"
)

// Connections gives all that are alive, in no order.
func (s *State) Connections() iter.Seq[Connection] {
	return func(yield func(Connection) bool) {
		for _, c := range s.connections {
			if !yield(s.view(c)) {
				return
			}
		}
	}
}

// Story tells of one connection, alive or among the last 256 that were closed.
func (s *State) Story(token pathmanager.Token) (Story, bool) {
	c := s.connections[token]
	if c == nil {
		c = s.closed.of(token)
	}
	if c == nil {
		return Story{}, false
	}
	story := Story{Connection: s.view(c), Forgotten: c.story.forgotten}
	story.Entries = append(story.Entries, Entry{s.time(c.since), entry{what: heardOf, local: c.local.Addr(), remote: c.remote}.words(), ""})
	for _, e := range c.story.entries {
		story.Entries = append(story.Entries, Entry{s.time(e.at), e.words(), e.why})
	}
	return story, true
}

func (s *State) view(c *connection) Connection {
	v := Connection{
		Token: c.token, Side: c.side(), Local: c.local, Remote: c.remote, Manager: "userspace", Rule: c.rule,
		Since: s.time(c.since),
	}
	if c.manager == kernel {
		v.Manager = "kernel"
	}
	if c.strategy != nil {
		v.Strategy = *c.strategy
	}
	if c.closed != 0 {
		v.Closed = s.time(c.closed)
	}
	for _, p := range c.paths {
		v.Paths = append(v.Paths, s.viewPath(p))
	}
	return v
}

func (s *State) viewPath(p *path) Path {
	v := Path{
		Local: p.local, Remote: p.remote, Interface: s.interfaceOf(p), LocalID: p.localID, RemoteID: p.remoteID,
		State: p.stateName(), Backup: p.backup, Reason: p.reason, Tries: int(p.tries),
	}
	switch {
	case p.state == waiting && p.next != 0:
		v.Next = s.time(p.next)
	case p.state == waiting:
		v.Reason = p.waitsFor()
	case p.bad():
		v.Reason = p.health.why
	}
	return v
}

func (p *path) stateName() string {
	switch p.state {
	case established:
		return PathEstablished
	case joining:
		return PathJoining
	case givenUp:
		return PathGivenUp
	case idle:
		if p.standby {
			return PathStandby
		}
	}
	return PathWaiting
}

func (s *State) interfaceOf(p *path) string {
	for i := range s.locals {
		if l := &s.locals[i]; l.Link == int(p.link) && p.link != 0 {
			return l.Interface
		}
	}
	return ""
}
