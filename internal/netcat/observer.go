package netcat

import (
	"net/netip"
	"time"

	"allroads/mptcp"
)

// State is what a connection is at a moment.
type State struct {
	Local, Remote netip.AddrPort
	Accepted      bool // whether the peer has connected
	Status        mptcp.Status
	Established   int // subflows, of KindMPTCP
}

// Share is what a subflow carried: payload, without what was sent again.
type Share struct {
	Local, Remote  netip.AddrPort
	Sent, Received uint64
	// AtLeast says that it may have carried more: it was closed before the last look,
	// or was still sending then.
	AtLeast bool
}

// Summary is what came of a connection.
type Summary struct {
	State
	Sent, Received *uint64 // bytes; nil: not known
	Took           time.Duration
	Shares         []Share // of subflows, in the order of their making; nil unless it was MPTCP
}

// Observer is told what happens. Each function may be nil; those of several
// connections may be called at once.
type Observer struct {
	Listening func(at netip.AddrPort, kind mptcp.Kind)
	Connected func(State)
	Changed   func(State) // another number of subflows, or fallen back
	Ended     func(Summary)
	Failed    func(peer netip.AddrPort, err error) // while others go on
}
