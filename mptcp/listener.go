package mptcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// Listener accepts connections on an MPTCP socket. It is a syscall.Conn.
type Listener struct {
	tcp    *net.TCPListener
	before *counters // from when it was made; nil: not known
}

// Listen makes an MPTCP socket that listens on an address, with SO_REUSEADDR
// and the longest backlog that net.core.somaxconn of its namespace allows; port
// 0 lets the kernel choose. The unspecified IPv6 address takes IPv4 connections
// too, unless net.ipv6.bindv6only is 1.
//
// The socket is made on the calling thread, as by Dialer.Dial, and so are the
// errors: a *net.OpError around the kernel's errno (EADDRINUSE,
// EADDRNOTAVAIL, ...) or an ErrNotSupported. ctx counts only until the socket
// is made.
func Listen(ctx context.Context, at netip.AddrPort) (*Listener, error) {
	err := ctx.Err()
	if err == nil && !at.IsValid() {
		err = errors.New("no address given")
	}
	if err != nil {
		return nil, opError("listen", netip.AddrPort{}, at, err)
	}
	tcp, before, err := listen(at)
	if err != nil {
		return nil, opError("listen", netip.AddrPort{}, at, err)
	}
	return &Listener{tcp, before}, nil
}

// Accept waits for a connection. Conn.Status says whether it is MPTCP. From a peer
// that does not do MPTCP, or behind something that takes the option out of the
// handshake, it is a plain TCP socket (KindTCP): the kernel makes an MPTCP one only
// when the third packet of the handshake has MP_CAPABLE. The connection is in the listener's network namespace,
// whatever thread calls Accept.
func (l *Listener) Accept() (*Conn, error) {
	tcp, err := l.tcp.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return &Conn{TCPConn: tcp, before: l.before}, nil
}

// Addr returns the address listened on, a *net.TCPAddr.
func (l *Listener) Addr() net.Addr { return l.tcp.Addr() }

// AddrPort returns the address listened on.
func (l *Listener) AddrPort() netip.AddrPort {
	at := l.tcp.Addr().(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// Close stops listening and ends a waiting Accept with net.ErrClosed.
func (l *Listener) Close() error { return l.tcp.Close() }

// SetDeadline ends a waiting Accept, and later ones, with
// os.ErrDeadlineExceeded at time t; the zero time means never.
func (l *Listener) SetDeadline(t time.Time) error { return l.tcp.SetDeadline(t) }

// SyscallConn gives access to the socket, for ReadInfo and socket options.
func (l *Listener) SyscallConn() (syscall.RawConn, error) { return l.tcp.SyscallConn() }

// NetListener returns the listener as package net has them, for http.Server and
// the like. Its Accept returns a *Conn.
func (l *Listener) NetListener() net.Listener { return netListener{l} }

type netListener struct{ *Listener }

func (l netListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn, nil
}
