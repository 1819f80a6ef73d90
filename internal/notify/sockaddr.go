package notify

import (
	"encoding/binary"
	"net/netip"

	"allroads/internal/seccomp"

	"golang.org/x/sys/unix"
)

// sockaddr reads the second argument of bind() and connect(). Only addresses of IPv4
// and IPv6 are found. The program may change it until the kernel reads it again.
func sockaddr(thread int, call seccomp.Call) (a netip.AddrPort, found bool) {
	length := min(call.Args[2]&0xffffffff, unix.SizeofSockaddrInet6)
	var b [unix.SizeofSockaddrInet6]byte
	if length < unix.SizeofSockaddrInet4 || seccomp.Read(thread, call.Args[1], b[:length]) != nil {
		return a, false
	}
	const shortest6 = 24 // SIN6_LEN_RFC2133: without the zone
	port := binary.BigEndian.Uint16(b[2:])
	switch family := binary.NativeEndian.Uint16(b[:]); {
	case family == unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:])), port), true
	case family == unix.AF_INET6 && length >= shortest6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:])), port), true
	}
	return a, false
}
