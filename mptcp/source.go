package mptcp

import "net/netip"

// Source is where a connection begins: a local address, an interface, or both. The
// zero value is what the kernel chooses.
type Source struct {
	// Addr is a local address. What leaves from it takes the route to the peer, which
	// is another interface's unless there is a routing rule for the address (see
	// ip-rule(8)).
	Addr netip.Addr

	// Interface is the name of the one that the packets of the first subflow leave
	// by, whatever the routes are (SO_BINDTODEVICE, for ordinary users since Linux
	// 5.7); the kernel chooses the address unless Addr is given. Later subflows are
	// not bound to it: the kernel binds each to the interface of its endpoint, if the
	// endpoint has one (net/mptcp/subflow.c).
	Interface string
}

// String gives "10.0.0.1", "eth0" or "10.0.0.1 on eth0"; "any address" for the
// kernel's choice.
func (s Source) String() string {
	switch {
	case s.Addr.IsValid() && s.Interface != "":
		return s.Addr.String() + " on " + s.Interface
	case s.Addr.IsValid():
		return s.Addr.String()
	case s.Interface != "":
		return s.Interface
	}
	return "any address"
}

func (s Source) addrPort() netip.AddrPort {
	if !s.Addr.IsValid() {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(s.Addr, 0)
}
