package holding

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// ends are the addresses of a socket, as far as it has any.
func ends(fd int) (local, remote netip.AddrPort) {
	if name, err := unix.Getsockname(fd); err == nil {
		local = addrPort(name)
	}
	if name, err := unix.Getpeername(fd); err == nil {
		remote = addrPort(name)
	}
	return local, remote
}

// addrPort is an address, not valid when it is none of IP or says nothing.
func addrPort(name unix.Sockaddr) (at netip.AddrPort) {
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		at = netip.AddrPortFrom(netip.AddrFrom4(name.Addr), uint16(name.Port))
	case *unix.SockaddrInet6:
		at = netip.AddrPortFrom(netip.AddrFrom16(name.Addr).Unmap(), uint16(name.Port))
	}
	if at.Port() == 0 {
		return netip.AddrPort{}
	}
	return at
}
