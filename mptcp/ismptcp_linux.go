package mptcp

import (
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// isMPTCP asks with one system call where the kernel has the option for it: a TCP
// socket answers 0, an older kernel and any other socket refuse.
func isMPTCP(fd int) (bool, error) {
	is, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, optIsMPTCP)
	if !refused(err) {
		return is != 0, os.NewSyscallError("getsockopt TCP_IS_MPTCP", err)
	}
	made, err := madeMPTCP(fd)
	if err != nil || !made {
		return false, err
	}
	return isMPTCPByInfo(fd)
}

// madeMPTCP tells whether a socket was asked to be MPTCP, which says nothing
// about the connection.
func madeMPTCP(fd int) (bool, error) {
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	return protocol == unix.IPPROTO_MPTCP, os.NewSyscallError("getsockopt SO_PROTOCOL", err)
}

// isMPTCPByInfo asks a kernel older than Linux 6.10: after a fallback the socket
// passes every option to TCP, which has no MPTCP_INFO.
func isMPTCPByInfo(fd int) (bool, error) {
	buf := make([]byte, infoRoom)
	n, err := getsockopt(fd, optInfo, buf)
	switch {
	case err == nil:
		info, err := parseInfo(buf[:n])
		return err == nil && !info.Fallback, err
	case !refused(err):
		return false, os.NewSyscallError("getsockopt MPTCP_INFO", err)
	}
	return false, probeInfo()
}

// infoSeen remembers that this kernel has MPTCP_INFO.
var infoSeen atomic.Bool

// probeInfo returns an ErrNotSupported if not even a new socket, which cannot
// have fallen back, has MPTCP_INFO.
func probeInfo() error {
	if infoSeen.Load() {
		return nil
	}
	fd, err := openSocket(netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
	if err != nil {
		return fmt.Errorf("probe for MPTCP_INFO: %w", err)
	}
	defer unix.Close(fd)
	if _, err := getsockopt(fd, optInfo, make([]byte, infoRoom)); err != nil {
		return tooOld("MPTCP_INFO", "5.16", err)
	}
	infoSeen.Store(true)
	return nil
}
