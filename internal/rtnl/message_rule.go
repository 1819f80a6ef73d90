package rtnl

import (
	"net/netip"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// parseRule reads a struct fib_rule_hdr and its attributes. Rules of multicast routing
// have families of their own, and are not ok.
func parseRule(b []byte) (r PolicyRule, ok bool) {
	if len(b) < routeHeader || !known(b[0]) {
		return PolicyRule{}, false
	}
	const detached = unix.FIB_RULE_PERMANENT | unix.FIB_RULE_UNRESOLVED | unix.FIB_RULE_IIF_DETACHED | unix.FIB_RULE_OIF_DETACHED
	r = PolicyRule{Family: b[0], Table: uint32(b[4])}
	r.Other = b[3] != 0 || b[7] != unix.FR_ACT_TO_TBL || number(b[8:])&^detached != 0
	var from, to netip.Addr
	rest := nl.Attributes(b[routeHeader:])
	for {
		kind, value, more := rest.Next()
		if !more {
			break
		}
		switch kind {
		case unix.FRA_SRC:
			from = ip(r.Family, value)
		case unix.FRA_DST:
			to = ip(r.Family, value)
		default:
			r.attribute(kind, value)
		}
	}
	r.From, r.To = prefix(from, b[2]), prefix(to, b[1])
	return r, true
}

// attribute knows what leaves a rule as simple as it was; anything else, of newer
// kernels too, is a further condition.
func (r *PolicyRule) attribute(kind uint16, value []byte) {
	const none = 0xffffffff // of FRA_SUPPRESS_*
	switch kind {
	case unix.FRA_TABLE:
		r.Table = number(value)
	case unix.FRA_PRIORITY:
		r.Priority = number(value)
	case unix.FRA_PROTOCOL:
		if len(value) >= 1 {
			r.Protocol = value[0]
		}
	case unix.FRA_PAD:
	case unix.FRA_SUPPRESS_PREFIXLEN, unix.FRA_SUPPRESS_IFGROUP:
		r.Other = r.Other || number(value) != none
	default:
		r.Other = true
	}
}

// prefix is not valid where its length is 0, which is any.
func prefix(address netip.Addr, bits uint8) netip.Prefix {
	if bits == 0 {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(address, int(bits))
}
