package steering

import (
	"net/netip"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// State is what is known of the connections of a namespace, and what was decided about
// them. Its methods are for one goroutine at a time.
type State struct {
	config  *config.Config
	locals  []Local // that may be used, the most wanted first
	network bool    // they are known
	changed moment  // when they, or routes, did

	connections map[pathmanager.Token]*connection
	peak        int // the most connections at a time, as far as the map remembers
	timers      timers
	watched     watch
	owners      []*connection // whose owner is to be asked for
	listeners   map[netip.AddrPort]*listener
	closed      ring
	counts      Counts

	base       time.Time // moments are counted from it
	now        moment
	commands   []Command
	strategies map[config.Strategy]*config.Strategy
	wants      []want // room for one connection's
}

// moment is a time, in nanoseconds since State.base; 0 is never.
type moment int64

// Counts are of connections and subflows.
type Counts struct {
	Live     uint64 // connections that are known
	Managed  uint64 // whose subflows are decided about here
	Seen     uint64 // since the start
	Subflows uint64 // asked for since the start
	Lost     uint64 // subflows that were there, and were lost
	Retried  uint64 // asked for again
}

// New begins with no connection, and no local address.
func New(c *config.Config) *State {
	return &State{
		config: c, connections: map[pathmanager.Token]*connection{}, listeners: map[netip.AddrPort]*listener{},
		strategies: map[config.Strategy]*config.Strategy{},
	}
}

// Step takes what happened, and answers what is to be done about it, in order. The
// commands are the caller's.
func (s *State) Step(now time.Time, in Input) []Command {
	if s.base.IsZero() {
		s.base = now.Add(-1)
	}
	s.now = max(s.now, s.moment(now))
	s.commands = nil
	switch in := in.(type) {
	case Event:
		s.event(&in.Event)
	case Done:
		s.done(in)
	case Network:
		s.networkIs(in.Locals)
	case Found:
		s.found(in)
	case Measured:
		s.measured(in.Connections)
	case Owner:
		s.owner(in)
	case Configured:
		s.configured(in.Config)
	}
	s.tick()
	return s.commands
}

func (s *State) moment(t time.Time) moment { return moment(t.Sub(s.base)) }

func (s *State) time(m moment) time.Time { return s.base.Add(time.Duration(m)) }

// after is a moment that is some time away.
func (s *State) after(d time.Duration) moment { return s.now + moment(d) }

// Wake tells when the next Tick is due, if anything waits for one.
func (s *State) Wake() (time.Time, bool) {
	due := s.timers.first()
	for _, l := range s.listeners {
		if l.until != 0 && (due == 0 || l.until < due) {
			due = l.until
		}
	}
	return s.time(due), due != 0
}

// tick does what is due.
func (s *State) tick() {
	for due := s.timers.first(); due != 0 && due <= s.now; due = s.timers.first() {
		c := s.timers.pop()
		s.steer(c)
	}
	s.dismiss()
}

// Counts tells how many.
func (s *State) Counts() Counts {
	counts := s.counts
	counts.Live = uint64(len(s.connections))
	return counts
}

func (s *State) command(c Command) { s.commands = append(s.commands, c) }
