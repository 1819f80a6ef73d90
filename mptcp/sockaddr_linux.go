package mptcp

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// sockaddr turns an address into what bind and connect take.
func sockaddr(a netip.AddrPort) (unix.Sockaddr, error) {
	ip, port := a.Addr().Unmap(), int(a.Port())
	if ip.Is4() {
		return &unix.SockaddrInet4{Port: port, Addr: ip.As4()}, nil
	}
	zone, err := zoneIndex(ip.Zone())
	if err != nil {
		return nil, err
	}
	return &unix.SockaddrInet6{Port: port, ZoneId: zone, Addr: ip.As16()}, nil
}

// zoneIndex is asked on the thread that makes the socket, so that a name means
// an interface of the socket's namespace.
func zoneIndex(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	link, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, fmt.Errorf("find interface %s: %w", zone, err)
	}
	return uint32(link.Index), nil
}

// Offsets in struct sockaddr_in and struct sockaddr_in6. The family is in host
// byte order, port and address in network byte order.
const (
	sockaddrPort  = 2
	sockaddrAddr4 = 4
	sockaddrAddr6 = 8
	sockaddrScope = 24
	sockaddrSize  = 28 // as much of the larger as is read
)

// parseSockaddr reads an address that the kernel wrote, sockaddrSize bytes or
// more.
func parseSockaddr(b []byte) (netip.AddrPort, error) {
	if len(b) < sockaddrSize {
		return netip.AddrPort{}, fmt.Errorf("decode socket address: %d bytes are too short", len(b))
	}
	port := binary.BigEndian.Uint16(b[sockaddrPort:])
	switch family := binary.NativeEndian.Uint16(b); family {
	case unix.AF_INET:
		ip := netip.AddrFrom4([4]byte(b[sockaddrAddr4:]))
		return netip.AddrPortFrom(ip, port), nil
	case unix.AF_INET6:
		return netip.AddrPortFrom(parseAddr6(b), port), nil
	default:
		return netip.AddrPort{}, fmt.Errorf("decode socket address: family %d is neither IPv4 nor IPv6", family)
	}
}

func parseAddr6(b []byte) netip.Addr {
	ip := netip.AddrFrom16([16]byte(b[sockaddrAddr6:])).Unmap()
	if scope := binary.NativeEndian.Uint32(b[sockaddrScope:]); scope != 0 {
		ip = ip.WithZone(strconv.FormatUint(uint64(scope), 10)) // An IPv4 address takes none.
	}
	return ip
}

// addrPort is a socket's address as it is: of an IPv6 socket an IPv6 one.
func addrPort(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		ip := netip.AddrFrom16(a.Addr)
		if a.ZoneId != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(a.ZoneId), 10))
		}
		return netip.AddrPortFrom(ip, uint16(a.Port))
	}
	return netip.AddrPort{}
}
