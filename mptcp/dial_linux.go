package mptcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func bind(fd int, at netip.AddrPort) error {
	local, err := sockaddr(at)
	if err != nil {
		return err
	}
	return os.NewSyscallError("bind", unix.Bind(fd, local))
}

// awaitConnect waits until the connection is there, has failed, or ctx ends.
func awaitConnect(ctx context.Context, file *os.File) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = file.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	var outcome error
	err = raw.Write(func(fd uintptr) (done bool) {
		done, outcome = connected(int(fd))
		return done
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	return outcome
}

// connected tells what has become of a connect. The poller wakes up for nothing
// at times, so without an error it is having a peer that counts.
func connected(fd int) (done bool, err error) {
	pending, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return true, os.NewSyscallError("getsockopt", err)
	}
	if pending != 0 {
		return true, os.NewSyscallError("connect", unix.Errno(pending))
	}
	_, err = unix.Getpeername(fd)
	return err == nil, nil
}

// tcpConn makes a connected socket one of package net's.
func tcpConn(file *os.File) (*net.TCPConn, error) {
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	if err := checkPeer(conn); err != nil {
		conn.Close()
		return nil, os.NewSyscallError("connect", err)
	}
	return conn.(*net.TCPConn), nil
}

// checkPeer finds connections that are none: one that was reset since, and one
// with itself, which TCP makes when nobody listens on a local port and connect
// happens to start from just that port (the simultaneous open of RFC 9293,
// section 3.5).
func checkPeer(conn net.Conn) error {
	peer, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return unix.ECONNRESET
	}
	if self, ok := conn.LocalAddr().(*net.TCPAddr); ok && self.AddrPort() == peer.AddrPort() {
		return unix.ECONNREFUSED
	}
	return nil
}
