package sockdiag

import (
	"net/netip"

	"allroads/mptcp"
)

// Filter chooses connections. Its zero value chooses all but listeners.
type Filter struct {
	Token *uint32 // only the connection with this token

	// Addr is one that the connection or a subflow has at either end; Port one at
	// either end, 0: any. Both must be those of one end.
	Addr netip.Addr
	Port uint16

	States    []mptcp.TCPState // of the connection; none: any
	Listeners Listeners
}

// Listeners says whether listeners are chosen.
type Listeners int

// The zero value is NoListeners.
const (
	NoListeners Listeners = iota
	WithListeners
	OnlyListeners
)

// Bits of idiag_states.
const (
	anyState    = 1<<(mptcp.StateBoundInactive+1) - 1
	listenState = 1 << mptcp.StateListen
)

// mask is the states that the kernel is asked for (idiag_states).
func (f *Filter) mask() uint32 {
	mask := uint32(anyState)
	if len(f.States) > 0 {
		mask = 0
		for _, state := range f.States {
			mask |= 1 << (state & 31)
		}
	}
	switch f.Listeners {
	case NoListeners:
		mask &^= listenState
	case OnlyListeners:
		mask &= listenState
	}
	return mask
}

// matches reports whether the filter chooses a connection.
func (f *Filter) matches(c *Connection) bool {
	return f.mask()>>(c.State&31)&1 != 0 && (f.Token == nil || *f.Token == c.Info.Token) && f.matchesAddr(c)
}

func (f *Filter) matchesAddr(c *Connection) bool {
	if !f.Addr.IsValid() && f.Port == 0 || f.matchesEnd(c.Local) || f.matchesEnd(c.Remote) {
		return true
	}
	for i := range c.Subflows {
		if f.matchesEnd(c.Subflows[i].Local) || f.matchesEnd(c.Subflows[i].Remote) {
			return true
		}
	}
	return false
}

func (f *Filter) matchesEnd(end netip.AddrPort) bool {
	return (!f.Addr.IsValid() || f.Addr.Unmap() == end.Addr()) && (f.Port == 0 || f.Port == end.Port())
}
