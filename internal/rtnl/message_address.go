package rtnl

import (
	"net/netip"
	"time"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// parseAddress reads a struct ifaddrmsg and its attributes. Lifetimes count from when
// it was sent.
func parseAddress(b []byte) (a Address, ok bool) {
	if len(b) < unix.SizeofIfAddrmsg || !known(b[0]) {
		return Address{}, false
	}
	a = Address{Link: int(int32(number(b[4:]))), Scope: b[3], Flags: uint32(b[2]), Preferred: forever, Valid: forever}
	var local, address netip.Addr
	rest := nl.Attributes(b[unix.SizeofIfAddrmsg:])
	for {
		kind, value, more := rest.Next()
		if !more {
			break
		}
		switch kind {
		case unix.IFA_LOCAL:
			local = ip(b[0], value)
		case unix.IFA_ADDRESS:
			address = ip(b[0], value)
		case unix.IFA_FLAGS: // all of them; the header has room for eight
			if len(value) >= 4 {
				a.Flags = number(value)
			}
		case unix.IFA_CACHEINFO:
			if len(value) >= 8 {
				a.Preferred, a.Valid = life(number(value)), life(number(value[4:]))
			}
		}
	}
	return a.of(local, address, int(b[1]))
}

// of sets the own address and the other end's. IFA_ADDRESS is the other end's on a
// point-to-point link, and the same as IFA_LOCAL elsewhere; IPv6 has no IFA_LOCAL then.
func (a Address) of(local, address netip.Addr, bits int) (Address, bool) {
	if !local.IsValid() {
		local = address
	}
	if address != local {
		a.Peer = address
	}
	a.Prefix = netip.PrefixFrom(local, bits)
	return a, a.Prefix.IsValid() && a.Link > 0
}

// forever is the time of what does not end.
const forever = time.Duration(-1)

// life is a time of struct ifa_cacheinfo, in seconds.
func life(seconds uint32) time.Duration {
	if seconds == 0xffffffff {
		return forever
	}
	return time.Duration(seconds) * time.Second
}

func known(family uint8) bool { return family == unix.AF_INET || family == unix.AF_INET6 }

// ip is an address of a family, not valid where it has not its length.
func ip(family uint8, b []byte) netip.Addr {
	switch {
	case family == unix.AF_INET && len(b) == 4:
		return netip.AddrFrom4([4]byte(b))
	case family == unix.AF_INET6 && len(b) == 16:
		return netip.AddrFrom16([16]byte(b))
	}
	return netip.Addr{}
}
