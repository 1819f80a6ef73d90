package mptcp

import (
	"net/netip"
	"os"

	"allroads/internal/inetdiag"

	"golang.org/x/sys/unix"
)

// socketID names a connected socket.
func socketID(fd int) (id inetdiag.ID, family uint8, err error) {
	local, remote, err := socketAddrs(fd)
	if err != nil {
		return id, 0, err
	}
	family = unix.AF_INET6
	if local.Addr().Is4() {
		family = unix.AF_INET
	}
	bound, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX)
	if err != nil {
		return id, 0, os.NewSyscallError("getsockopt SO_BINDTOIFINDEX", err)
	}
	id = inetdiag.ID{
		Cookie: inetdiag.NoCookie, Interface: uint32(bound), LocalPort: local.Port(), RemotePort: remote.Port(),
	}
	copy(id.Local[:], local.Addr().AsSlice())
	copy(id.Remote[:], remote.Addr().AsSlice())
	return id, family, nil
}

// socketAddrs are those of a socket, an IPv4 address in IPv6 form on a socket of
// IPv6.
func socketAddrs(fd int) (local, remote netip.AddrPort, err error) {
	ours, err := unix.Getsockname(fd)
	if err != nil {
		return local, remote, os.NewSyscallError("getsockname", err)
	}
	theirs, err := unix.Getpeername(fd)
	if err != nil {
		return local, remote, os.NewSyscallError("getpeername", err)
	}
	return addrPort(ours), addrPort(theirs), nil
}
