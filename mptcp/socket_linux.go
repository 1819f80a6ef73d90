package mptcp

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// openSocket makes a nonblocking MPTCP socket for an address's family.
func openSocket(at netip.AddrPort) (int, error) {
	family := familyOf(at)
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return -1, socketError(family, err)
	}
	return fd, nil
}

// openTCP makes a nonblocking socket of plain TCP.
func openTCP(at netip.AddrPort) (int, error) {
	fd, err := unix.Socket(familyOf(at), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	return fd, os.NewSyscallError("socket", err)
}

func familyOf(at netip.AddrPort) int {
	if at.Addr().Unmap().Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// socketError tells the ways apart in which a kernel refuses an MPTCP socket:
// EINVAL when protocol number 262 is beyond those it knows (before 5.6),
// EPROTONOSUPPORT when nothing is registered for it, ENOPROTOOPT from
// net/mptcp/protocol.c when the sysctl forbids it.
func socketError(family int, err error) error {
	config := []string{"CONFIG_MPTCP"}
	if family == unix.AF_INET6 {
		config = append(config, "CONFIG_MPTCP_IPV6")
	}
	call := os.NewSyscallError("socket", err)
	switch err {
	case unix.ENOPROTOOPT:
		return fmt.Errorf("%w: switched off in this network namespace: set sysctl net.mptcp.enabled=1: %w",
			ErrNotSupported, call)
	case unix.EPROTONOSUPPORT, unix.EINVAL:
		return fmt.Errorf("%w: not in this kernel: run Linux 5.6 or newer with %s: %w",
			ErrNotSupported, strings.Join(config, " and "), call)
	}
	return call
}
