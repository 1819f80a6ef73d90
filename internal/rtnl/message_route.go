package rtnl

import (
	"encoding/binary"
	"net/netip"
	"time"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// routeKey is what routes have in common that stand for the same packets in the same
// place of the same table.
type routeKey struct {
	family   uint8
	tos      uint8
	table    uint32
	metric   uint32
	to, from netip.Prefix
}

// nextHop is one of a route's.
type nextHop struct {
	via  netip.Addr
	link int
	dead bool // RTNH_F_DEAD or RTNH_F_LINKDOWN, when the message was made
}

// routeFound is an RTM_NEWROUTE or RTM_DELROUTE.
type routeFound struct {
	routeKey
	kind     uint8 // RTN_*
	protocol uint8
	flags    uint32   // RTM_F_*
	object   uint32   // the number of the next hop, RTA_NH_ID, 0: none
	members  []uint32 // of a group of next hops that had to be asked for
	source   netip.Addr
	hops     []nextHop
	expires  time.Duration // what is left of its life, negative: it is over, 0: for ever
}

// attributeObject is RTA_NH_ID of linux/rtnetlink.h.
const attributeObject = 30

const routeHeader = unix.SizeofRtMsg

// wanted reports whether a route is one of those that are kept: a default one, or
// one of Protocol. A table may have a million others, so it looks at the header alone.
func wanted(b []byte) bool {
	return len(b) >= routeHeader && known(b[0]) && (b[1] == 0 || b[5] == Protocol) &&
		number(b[8:])&unix.RTM_F_CLONED == 0
}

// parseRoute reads a struct rtmsg and its attributes.
func parseRoute(b []byte) (r routeFound, ok bool) {
	if len(b) < routeHeader || !known(b[0]) {
		return routeFound{}, false
	}
	r.family, r.tos, r.table, r.protocol, r.kind, r.flags = b[0], b[3], uint32(b[4]), b[5], b[7], number(b[8:])
	to, from := netip.IPv4Unspecified(), netip.Addr{}
	if r.family == unix.AF_INET6 {
		to = netip.IPv6Unspecified()
	}
	var hop nextHop
	hop.dead = r.flags&(unix.RTNH_F_DEAD|unix.RTNH_F_LINKDOWN) != 0
	rest := nl.Attributes(b[routeHeader:])
	for {
		kind, value, more := rest.Next()
		if !more {
			break
		}
		switch kind {
		case unix.RTA_DST:
			to = ip(r.family, value)
		case unix.RTA_SRC:
			from = ip(r.family, value)
		case unix.RTA_MULTIPATH:
			r.hops = parseHops(r.family, value)
		default:
			r.attribute(&hop, kind, value)
		}
	}
	if hop.link != 0 && len(r.hops) == 0 {
		r.hops = []nextHop{hop}
	}
	if r.expires == 0 && r.protocol == unix.RTPROT_RA && b[1] == 0 {
		r.expires = -1 // It always has a time; in its last hundredth of a second that is 0.
	}
	r.to = netip.PrefixFrom(to, int(b[1]))
	if b[2] != 0 {
		r.from = netip.PrefixFrom(from, int(b[2]))
	}
	return r, r.to.IsValid() && (b[2] == 0 || r.from.IsValid())
}

func (r *routeFound) attribute(hop *nextHop, kind uint16, value []byte) {
	switch kind {
	case unix.RTA_TABLE:
		r.table = number(value)
	case unix.RTA_PRIORITY:
		r.metric = number(value)
	case unix.RTA_PREFSRC:
		r.source = ip(r.family, value)
	case attributeObject:
		r.object = number(value)
	case unix.RTA_CACHEINFO: // rta_expires, in hundredths of a second (USER_HZ)
		if len(value) >= 12 {
			r.expires = time.Duration(int32(number(value[8:]))) * (time.Second / 100)
		}
	default:
		hop.attribute(r.family, kind, value)
	}
}

func (h *nextHop) attribute(family uint8, kind uint16, value []byte) {
	switch kind {
	case unix.RTA_OIF:
		h.link = int(int32(number(value)))
	case unix.RTA_GATEWAY:
		h.via = ip(family, value)
	case unix.RTA_VIA: // a router of another family (RFC 5549): struct rtvia
		if len(value) >= 2 {
			h.via = ip(uint8(binary.NativeEndian.Uint16(value)), value[2:])
		}
	}
}

// parseHops reads RTA_MULTIPATH: each a struct rtnexthop with attributes.
func parseHops(family uint8, b []byte) (hops []nextHop) {
	const header = unix.SizeofRtNexthop
	for len(b) >= header {
		size := int(binary.NativeEndian.Uint16(b))
		if size < header || size > len(b) {
			return hops
		}
		hop := nextHop{link: int(int32(number(b[4:]))), dead: b[2]&(unix.RTNH_F_DEAD|unix.RTNH_F_LINKDOWN) != 0}
		rest := nl.Attributes(b[header:size])
		for {
			kind, value, more := rest.Next()
			if !more {
				break
			}
			if kind != unix.RTA_OIF {
				hop.attribute(family, kind, value)
			}
		}
		hops = append(hops, hop)
		b = b[min((size+3)&^3, len(b)):]
	}
	return hops
}
