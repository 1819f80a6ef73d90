package scenario

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"allroads/lab"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// call is a connection that was made.
type call struct {
	client  *net.TCPConn
	port    uint16 // the client's
	arrival <-chan *net.TCPConn
}

// dial connects to a server from a port of its own.
func (t *transfer) dial(ctx context.Context, server *server) (_ *call, err error) {
	from := t.player.network.Host(t.config.From)
	for range portCount {
		c := &call{port: t.player.servers.nextPort()}
		c.arrival = server.expect(c.port)
		c.client, err = connect(ctx, from, c.port, t.config.Address)
		if err == nil {
			return c, nil
		}
		server.forget(c.port)
		if !errors.Is(err, unix.EADDRINUSE) {
			break
		}
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return nil, fmt.Errorf("connect from %s to %s: %w", from.Name, t.config.Address, err)
}

// connect makes an MPTCP socket, or one of TCP where the host has MPTCP switched
// off.
func connect(ctx context.Context, host *lab.Host, port uint16, to netip.AddrPort) (conn *net.TCPConn, err error) {
	anywhere := netip.IPv4Unspecified()
	if to.Addr().Unmap().Is6() {
		anywhere = netip.IPv6Unspecified()
	}
	from := netip.AddrPortFrom(anywhere, port)
	err = host.Run(func() error {
		made, err := (&mptcp.Dialer{LocalAddr: from, AllowTCP: true}).Dial(ctx, to)
		if err == nil {
			conn = made.TCPConn
		}
		return err
	})
	// The addresses are in the caller's error.
	if failed := (*net.OpError)(nil); errors.As(err, &failed) {
		err = failed.Err
	}
	return conn, err
}

// send sends until there is enough, or time is up, and says that it was all.
func (t *transfer) send(ctx context.Context, conn *net.TCPConn) (err error) {
	defer func() { t.sent.end(err == nil) }()
	pace := newPace(t.config)
	if t.config.For > 0 {
		// When ctx ends, it sets another one: what comes last here is await, which
		// sees that.
		_ = conn.SetWriteDeadline(pace.until)
	}
	b := make([]byte, pace.chunk)
	for pace.await(ctx, t.sent.count()) {
		if left := uint64(t.config.Bytes) - t.sent.count(); t.config.Bytes > 0 && left < uint64(len(b)) {
			b = b[:left]
		}
		t.content.fill(b)
		n, err := conn.Write(b)
		t.sent.add(b[:n])
		if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
			break // Time is up.
		}
		if err != nil {
			return interrupted(ctx, "send", err)
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("send: %w", context.Cause(ctx))
	}
	if err := conn.CloseWrite(); err != nil {
		return fmt.Errorf("end sending: %w", err)
	}
	return nil
}
