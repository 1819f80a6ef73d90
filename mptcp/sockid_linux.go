package mptcp

import (
	"encoding/binary"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// socketID makes the struct inet_diag_sockid that finds a connected socket.
func socketID(fd int) (id []byte, family uint8, err error) {
	local, remote, err := socketAddrs(fd)
	if err != nil {
		return nil, 0, err
	}
	family = unix.AF_INET6
	if local.Addr().Is4() {
		family = unix.AF_INET
	}
	bound, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BINDTOIFINDEX)
	if err != nil {
		return nil, 0, os.NewSyscallError("getsockopt SO_BINDTOIFINDEX", err)
	}
	id = make([]byte, 48)
	binary.BigEndian.PutUint16(id, local.Port())
	binary.BigEndian.PutUint16(id[2:], remote.Port())
	copy(id[4:20], local.Addr().AsSlice())
	copy(id[20:36], remote.Addr().AsSlice())
	binary.NativeEndian.PutUint32(id[36:], uint32(bound))
	binary.NativeEndian.PutUint64(id[40:], ^uint64(0)) // any cookie
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
