package replace

import (
	"os"

	"golang.org/x/sys/unix"
)

// States of TCP (net/tcp_states.h).
const (
	stateClosed = 7
	stateListen = 10
)

// examine finds out whether a socket is one that can be replaced, and its family.
func examine(fd int) (family int, err error) {
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	if err != nil {
		return 0, ErrNotTCP
	}
	family, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil || family != unix.AF_INET && family != unix.AF_INET6 {
		return 0, ErrNotTCP
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	switch {
	case err != nil || kind != unix.SOCK_STREAM:
		return 0, ErrNotTCP
	case protocol == unix.IPPROTO_MPTCP:
		return 0, ErrMPTCP
	case protocol != unix.IPPROTO_TCP:
		return 0, ErrNotTCP
	}
	return family, unused(fd)
}

// unused reports how a TCP socket was used, as an error.
func unused(fd int) error {
	info, err := unix.GetsockoptTCPInfo(fd, unix.SOL_TCP, unix.TCP_INFO)
	if err != nil {
		return os.NewSyscallError("getsockopt TCP_INFO", err)
	}
	switch {
	case info.State == stateListen:
		return ErrListening
	case info.State != stateClosed:
		return ErrConnected
	case info.Segs_out != 0:
		return ErrUsed
	}
	return nil
}

// sameNamespace compares where sockets are by SO_NETNS_COOKIE, for which no rights
// are needed. Linux 5.14, as are the listeners of seccomp.
func sameNamespace(a, b int) error {
	of := func(fd int) (uint64, error) {
		cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
		return cookie, os.NewSyscallError("getsockopt SO_NETNS_COOKIE", err)
	}
	cookie, err := of(a)
	if err != nil {
		return err
	}
	other, err := of(b)
	if err == nil && cookie != other {
		err = ErrNamespace
	}
	return err
}
