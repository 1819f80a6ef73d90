package mptcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// network is the Net of this package's net.OpErrors.
const network = "mptcp"

// Dialer connects MPTCP sockets. The zero value is ready for use. Several
// goroutines may call Dial at once.
type Dialer struct {
	// LocalAddr is where connections start: the zero value lets the kernel
	// choose, port 0 lets it choose the port. It must be of the family of the
	// address dialed.
	LocalAddr netip.AddrPort

	// Timeout limits how long Dial takes, besides its context; 0 sets no
	// limit. Without any, the kernel gives up with ETIMEDOUT, after about two
	// minutes where net.ipv4.tcp_syn_retries has its default of 6.
	Timeout time.Duration
}

// Dial connects to an address with a socket made for MPTCP. The peer may still
// answer in plain TCP: see IsMPTCP. An IPv4 address in IPv6 form is dialed as
// IPv4; a zone is an interface's name or index.
//
// The socket is made on the thread Dial is called on, before Dial waits for
// anything: a goroutine that has locked its thread (runtime.LockOSThread) and
// entered a network namespace gets a connection in that namespace. Once made, a
// connection may be used from anywhere.
//
// The error is a *net.OpError. It wraps the kernel's errno (ECONNREFUSED,
// ETIMEDOUT, ...); ErrNotSupported when there are no MPTCP sockets; or the
// context's error when that ended first, context.DeadlineExceeded also for
// Timeout.
func (d *Dialer) Dial(ctx context.Context, to netip.AddrPort) (*Conn, error) {
	if d.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.Timeout)
		defer cancel()
	}
	conn, err := d.connect(ctx, to)
	if err != nil {
		return nil, opError("dial", d.LocalAddr, to, err)
	}
	return &Conn{conn}, nil
}

func (d *Dialer) connect(ctx context.Context, to netip.AddrPort) (*net.TCPConn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !to.IsValid() {
		return nil, errors.New("no address given")
	}
	if from := d.LocalAddr; from.IsValid() && from.Addr().Unmap().Is4() != to.Addr().Unmap().Is4() {
		return nil, fmt.Errorf("local address %s is of another family", from)
	}
	return dial(ctx, d.LocalAddr, to)
}

func opError(op string, from, to netip.AddrPort, err error) error {
	failed := &net.OpError{Op: op, Net: network, Err: err}
	if from.IsValid() {
		failed.Source = net.TCPAddrFromAddrPort(from)
	}
	if to.IsValid() {
		failed.Addr = net.TCPAddrFromAddrPort(to)
	}
	return failed
}
