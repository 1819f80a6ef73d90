package mptcp

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

func listen(at netip.AddrPort) (*net.TCPListener, *counters, error) {
	fd, err := openSocket(at)
	if err != nil {
		return nil, nil, err
	}
	before := recentCounters(fd)
	file := os.NewFile(uintptr(fd), network)
	defer file.Close() // What is returned has a descriptor of its own.
	if err := bindAndListen(fd, at); err != nil {
		return nil, nil, err
	}
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, nil, err
	}
	tcp, ok := listener.(*net.TCPListener)
	if !ok {
		listener.Close()
		return nil, nil, fmt.Errorf("listener is a %T", listener)
	}
	return tcp, before, nil
}

func bindAndListen(fd int, at netip.AddrPort) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := bind(fd, at); err != nil {
		return err
	}
	// The kernel cuts the backlog to net.core.somaxconn of the socket's own
	// namespace, which /proc need not show here.
	return os.NewSyscallError("listen", unix.Listen(fd, math.MaxInt32))
}
