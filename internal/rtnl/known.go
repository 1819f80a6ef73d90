package rtnl

import (
	"encoding/binary"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// state is what is known of a namespace, as the kernel's messages have it.
type state struct {
	links     map[int]Link
	addresses map[addressKey]lived
	routes    map[routeID]route
	rules     map[string]ruleFound // by message

	doubts doubts
}

// addressKey is what an address is known by. IPv4 may have one several times on an
// interface, with other lengths or other ends.
type addressKey struct {
	link   int
	prefix netip.Prefix
	peer   netip.Addr
}

// lived is an address with when its times end, zero: never.
type lived struct {
	Address
	preferred, valid time.Time
}

// routeID tells one route from another one. Of a route of IPv6 that has several next
// hops each is one by itself, since the kernel takes them away one by one.
type routeID struct {
	routeKey
	kind     uint8
	protocol uint8      // of IPv4 alone
	source   netip.Addr // of IPv4 alone
	object   uint32
	hops     string // unless object says it
}

type route struct {
	hops     []nextHop
	members  []uint32 // objects that are in the one that it has
	protocol uint8
	source   netip.Addr
	expires  time.Time // zero: never
}

// ruleFound may be there several times, with the same conditions.
type ruleFound struct {
	PolicyRule
	times int
}

func newState() *state {
	return &state{
		links: map[int]Link{}, addresses: map[addressKey]lived{},
		routes: map[routeID]route{}, rules: map[string]ruleFound{},
		doubts: doubts{links: map[int]bool{}},
	}
}

func keyOf(a Address) addressKey {
	key := addressKey{link: a.Link, prefix: a.Prefix, peer: a.Peer}
	if a.Prefix.Addr().Is6() { // Once on an interface, and either may be changed.
		key.prefix, key.peer = netip.PrefixFrom(a.Prefix.Addr(), 128), netip.Addr{}
	}
	return key
}

func live(a Address, now time.Time) lived {
	l := lived{Address: a}
	if a.Preferred >= 0 {
		l.preferred = now.Add(a.Preferred)
	}
	if a.Valid >= 0 {
		l.valid = now.Add(a.Valid)
	}
	return l
}

// split gives the parts of a route that come and go by themselves.
func (r routeFound) split(now time.Time) map[routeID]route {
	if r.family == unix.AF_INET || r.object != 0 || len(r.hops) < 2 {
		id, one := r.record(r.hops, now)
		return map[routeID]route{id: one}
	}
	parts := make(map[routeID]route, len(r.hops))
	for i := range r.hops {
		id, one := r.record(r.hops[i:i+1:i+1], now)
		parts[id] = one
	}
	return parts
}

func (r routeFound) record(hops []nextHop, now time.Time) (routeID, route) {
	id := routeID{routeKey: r.routeKey, kind: r.kind, object: r.object}
	if r.family == unix.AF_INET {
		id.protocol, id.source = r.protocol, r.source
	}
	if r.object == 0 {
		id.hops = hopsID(hops)
	}
	one := route{hops: hops, members: r.members, protocol: r.protocol, source: r.source}
	if r.expires != 0 {
		one.expires = now.Add(r.expires)
	}
	return id, one
}

func hopsID(hops []nextHop) string {
	b := make([]byte, 0, 24)
	for _, hop := range hops {
		b = binary.NativeEndian.AppendUint32(b, uint32(hop.link))
		b = append(b, uint8(hop.via.BitLen()))
		b = append(b, hop.via.AsSlice()...)
	}
	return string(b)
}
