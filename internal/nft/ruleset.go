// Package nft makes a network namespace that forwards packets a middlebox, with
// the kernel's nftables and without the program nft.
package nft

import (
	"errors"
	"net/netip"

	"allroads/internal/middlebox"
)

// ErrNotSupported is what an error of Install or Counters wraps when the kernel
// lacks something that it takes, beside the kernel's errno.
var ErrNotSupported = errors.New("not supported by this kernel")

// Ruleset is what a router does to the packets it forwards. Forwarding itself is
// a setting (net.ipv4.ip_forward, net.ipv6.conf.all.forwarding) and not part of
// it. The zero value lets everything pass as it is.
type Ruleset struct {
	// Masquerade lists interfaces: what leaves by one gets its address as the
	// source, IPv4 and IPv6.
	Masquerade []string
	Balance    []Balance
	SynProxy   []SynProxy
	// Rules are tried in their order. Strip goes on with the next rule, Drop and
	// Reset end a packet's way. They see the addresses that the servers see of a
	// balanced connection, and those that a client has before masquerading.
	Rules []Rule
}

// Balance is a load balancer that does not know MPTCP: each new TCP connection
// to Address, on any port, goes to the next of To. So an MP_JOIN goes to another
// server than the MP_CAPABLE did when there are two of them or more, and the
// server, to which its token says nothing, refuses it. A SYN that is dropped on
// its way counts as a connection.
type Balance struct {
	Address netip.Addr
	To      []netip.Addr // of the family of Address; one that stands twice gets twice as many
}

// SynProxy is a TCP port whose handshake the router answers itself, with SYN
// cookies, before it makes a connection of its own to the server. Its SYN/ACK
// has no MP_CAPABLE, so both ends fall back to TCP (RFC 8684, section 3.7).
//
// The proxy promises to the client what it does not know of the server yet. Linux
// as a server (seen with 6.18) does not believe the timestamp in the proxy's ACK:
// it accepts the connection with the client's first data, or after a second.
type SynProxy struct {
	Port    uint16
	Address netip.Addr // of the server; zero: any
	// MSS is what the server announces, in bytes; 0 is 1460.
	MSS uint16
	// WindowScale is the server's, 1 to 14; 0 is 7. Linux takes it from the
	// maximum of net.ipv4.tcp_rmem: 7 up to 8 MiB, 10 for the 32 MiB of Linux
	// 6.18. Too low a number makes the client see smaller windows than the
	// server gives, too high a number larger ones.
	WindowScale uint8
}

// Rule is a middlebox's rule for the packets that are forwarded, or those of
// them that come in by one interface.
//
// nftables finds only the first MPTCP option of a packet
// (net/netfilter/nft_exthdr.c). Where Options is not empty, an option that comes
// behind one that Options does not list is therefore not seen: an ADD_ADDR behind
// a DSS neither has the packet dropped nor is it stripped, unless DSS is listed
// too. Strip takes away the first option as long as that is a listed one, at most
// as often as options are listed; without a list it takes away all. A link's own
// middlebox sees all options.
type Rule struct {
	middlebox.Rule
	From string // the interface that the packets come in by; "" is any
}
