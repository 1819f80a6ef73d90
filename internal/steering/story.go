package steering

import (
	"fmt"
	"net/netip"
	"time"

	"allroads/pathmanager"
)

// Entry is one thing that happened to a connection or was decided about it.
type Entry struct {
	Time time.Time
	What string
	Why  string // "" where What is the cause
}

// entry is one in little memory: most are never read.
type entry struct {
	at     moment
	why    string
	local  netip.Addr
	remote netip.AddrPort
	what   what
}

// story is what became of a connection: its beginning, and the last of it.
type story struct {
	entries   []entry
	forgotten int
}

const (
	storyBegin = 8  // entries that are kept for ever
	storyRoom  = 64 // entries in all
)

// what happened, in words that name the path's ends.
type what uint8

const (
	heardOf what = iota
	nowEstablished
	asked
	joined
	notMade
	subflowLost
	subflowClosed
	promoted
	demoted
	closes
	withdraws
	announces
	withdrawsOffer
	peerAnnounced
	peerWithdrew
	peerDenies
	peerPriority
	strategyIs
	isKernels
	wentBad
	recovered
	activeIs
	refused
	closedConnection
)

// phrases: %[1]s is the local address, %[2]s the remote one.
var phrases = [...]string{
	heardOf:          "first heard of, from %[1]s to %[2]s",
	nowEstablished:   "fully established",
	asked:            "subflow from %[1]s to %[2]s asked for",
	joined:           "subflow from %[1]s to %[2]s established",
	notMade:          "subflow from %[1]s to %[2]s not made",
	subflowLost:      "subflow from %[1]s to %[2]s lost",
	subflowClosed:    "subflow from %[1]s to %[2]s closed",
	promoted:         "subflow from %[1]s to %[2]s to carry data",
	demoted:          "subflow from %[1]s to %[2]s to be a backup",
	closes:           "subflow from %[1]s to %[2]s to be closed",
	withdraws:        "address %[1]s withdrawn from the peer",
	announces:        "address %[1]s announced to the peer",
	withdrawsOffer:   "announcement of %[1]s withdrawn",
	peerAnnounced:    "the peer announced %[2]s",
	peerWithdrew:     "the peer withdrew %[2]s",
	peerDenies:       "the peer wants no subflows to its initial address",
	peerPriority:     "the peer changed the priority of the subflow from %[1]s to %[2]s",
	strategyIs:       "strategy decided on",
	isKernels:        "left to the kernel's path manager",
	wentBad:          "path from %[1]s to %[2]s is bad",
	recovered:        "path from %[1]s to %[2]s is good again",
	activeIs:         "path from %[1]s to %[2]s carries the data from now on",
	refused:          "the kernel refused a command about %[1]s",
	closedConnection: "connection gone",
}

// tell adds to the story. Of a path that is nil the ends are the connection's.
func (c *connection) tell(at moment, w what, p *path, why string) {
	e := entry{at: at, what: w, why: why, local: c.local.Addr(), remote: c.remote}
	if p != nil {
		e.local, e.remote = p.local.Addr(), p.remote
	}
	c.story.add(e)
}

func (s *story) add(e entry) {
	if s.entries == nil {
		s.entries = make([]entry, 0, 4)
	}
	if len(s.entries) < storyRoom {
		s.entries = append(s.entries, e)
		return
	}
	last := s.entries[storyBegin:]
	copy(last, last[1:])
	last[len(last)-1] = e
	s.forgotten++
}

func (e entry) words() string {
	return fmt.Sprintf(phrases[e.what]+"%.0[1]s%.0[2]s", e.local.Unmap(), plain(e.remote))
}

// ring keeps the connections that were closed last.
type ring struct {
	connections [256]*connection
	next        int
}

// add keeps a closed connection, without what is of no more use.
func (r *ring) add(c *connection) {
	for _, p := range c.paths {
		p.health, p.pending = nil, ""
	}
	c.intent, c.offers = nil, nil
	r.connections[r.next] = c
	r.next = (r.next + 1) % len(r.connections)
}

// of is the last one that had a token.
func (r *ring) of(token pathmanager.Token) *connection {
	for i := range r.connections {
		c := r.connections[(r.next-1-i+2*len(r.connections))%len(r.connections)]
		if c == nil {
			return nil
		}
		if c.token == token {
			return c
		}
	}
	return nil
}
