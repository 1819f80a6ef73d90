package rtnl

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// Picture is what the network of a namespace looks like: what a path manager has to
// know of it. Its maps and slices are the holder's own.
type Picture struct {
	Links     map[int]Link // by index
	Addresses []Address    // in order of link, then address
	Defaults  []Hop        // default routes of all tables that can be used, in order of table and metric
	Own       []Hop        // all routes made by Protocol, also what cannot be used: what the kernel has of them
	Rules     []PolicyRule // all, in order of priority
}

// Protocol marks the routes and rules of allroadsd (RTPROT_* of linux/rtnetlink.h, where
// numbers above 4 are anybody's): what has it, and only that, is allroadsd's.
const Protocol = 77

// Link is a network interface.
type Link struct {
	Index        int
	Name         string
	Kind         string // of a virtual one, as `ip -d link` names it: veth, wireguard, tun, bridge
	Hardware     uint16 // ARPHRD_* of linux/if_arp.h
	Up           bool   // IFF_UP: an administrator has it so
	Running      bool   // IFF_RUNNING: it has a carrier
	Loopback     bool
	PointToPoint bool
	Wireless     bool // nl80211 knows it
	MTU          int  // bytes
	Master       int  // index of the bridge, bond or VRF that it is part of, 0: none
}

// Address is an address of this host.
type Address struct {
	Link   int          // index of its interface
	Prefix netip.Prefix // the own address (IFA_LOCAL where there is one), with its length
	Peer   netip.Addr   // the other end of a point-to-point link; not valid elsewhere
	Scope  uint8        // RT_SCOPE_*
	Flags  uint32       // IFA_F_*

	Preferred, Valid time.Duration // what is left of its life, -1: for ever
}

// Addr is the address, without the length of its prefix. A link-local one has no zone.
func (a Address) Addr() netip.Addr { return a.Prefix.Addr() }

// Tentative: it is not known yet whether somebody else has it (duplicate address detection).
func (a Address) Tentative() bool {
	return a.Flags&unix.IFA_F_TENTATIVE != 0 && a.Flags&unix.IFA_F_OPTIMISTIC == 0
}

// DADFailed: somebody else has it.
func (a Address) DADFailed() bool { return a.Flags&unix.IFA_F_DADFAILED != 0 }

// Deprecated: its preferred lifetime is over; nothing new begins from it.
func (a Address) Deprecated() bool { return a.Flags&unix.IFA_F_DEPRECATED != 0 }

// Temporary: a privacy address of IPv6 (RFC 8981), which lives for some hours.
func (a Address) Temporary() bool {
	return a.Prefix.Addr().Is6() && a.Flags&unix.IFA_F_TEMPORARY != 0
}

// Hop is where a route leads. A route with several next hops is several of them.
type Hop struct {
	To       netip.Prefix
	From     netip.Prefix // of IPv6: only packets from there (source-specific routing); not valid: any
	Via      netip.Addr   // not valid: on the link
	Link     int          // index of the interface
	Source   netip.Addr   // preferred source address; not valid: none
	Table    uint32
	Metric   uint32
	Protocol uint8 // RTPROT_*: who made it
}

// PolicyRule is a rule of the routing policy database (ip-rule(8)) as it is found.
type PolicyRule struct {
	Family   uint8        // unix.AF_INET or AF_INET6
	From, To netip.Prefix // not valid: any
	Table    uint32
	Priority uint32
	Protocol uint8 // RTPROT_*: who made it
	// Other says that it has further conditions (mark, interface, uid, ports), or does
	// not lead to a table.
	Other bool
}
