package mptcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// network is the Net of this package's net.OpErrors.
const network = "mptcp"

// Dialer connects MPTCP sockets. The zero value is ready for use: Dial returns a
// connection that does MPTCP, or an error. Several goroutines may call Dial at once.
type Dialer struct {
	// LocalAddr is where connections start: the zero value lets the kernel
	// choose, port 0 lets it choose the port. It must be of the family of the
	// address dialed.
	LocalAddr netip.AddrPort

	// Timeout limits how long Dial takes, besides its context; 0 sets no
	// limit. Without any, the kernel gives up with ETIMEDOUT, after about two
	// minutes where net.ipv4.tcp_syn_retries has its default of 6.
	Timeout time.Duration

	// AllowTCP takes plain TCP too: from a peer that answers without MPTCP, and
	// where this system has no MPTCP sockets. Conn.Status says which it was. Without
	// AllowTCP, the one is an ErrNotMPTCP and the other an ErrNotSupported; so is a
	// Linux before 5.16, which cannot tell. What fails is in no case tried again
	// without MPTCP.
	AllowTCP bool

	// Race are the sources to begin the connection from, in order of preference.
	// The kernel begins it on one path only, the one that routing prefers: when that
	// is dead, there is no connection, whatever other paths there are. With several
	// sources, Dial begins from the first, from the next after RaceDelay or as soon
	// as one has failed, and so on. The first that is established wins, if it does
	// MPTCP or AllowTCP is set; the others are closed. LocalAddr must be left zero.
	Race []Source

	// RaceDelay is the head start that each source of Race has before the next; 0
	// stands for 250 ms, as in RFC 8305, section 5.
	RaceDelay time.Duration

	// Subflows is how many established subflows Dial waits for; 0 and 1 mean not to
	// wait. Who makes them is the path manager, at this end or at the peer. A
	// connection that fell back, if AllowTCP takes it, is not waited for. Dial has
	// the kernel probe the peer each second meanwhile: it begins subflows only when
	// the peer has answered the connection's first (RFC 8684, section 3.1).
	Subflows int

	// SubflowTimeout limits how long it waits for them, from when the connection is
	// established; 0 sets no limit of its own. Then the connection is closed, and
	// Dial returns a *SubflowsError.
	SubflowTimeout time.Duration

	// KeepAlive is how a peer that has vanished is found out, on each subflow (Linux
	// before 6.9 refuses times). The zero value stands for package net's default: after
	// 15 s of silence, a probe each 15 s. Use SetKeepAlive to have none. When the last
	// subflow has ended so, MPTCP waits for another one (sysctl net.mptcp.close_timeout,
	// 60 s) before reads fail, with ENOTCONN on Linux 6.18.
	KeepAlive net.KeepAliveConfig
}

// Dial connects to an address. An IPv4 address in IPv6 form is dialed as IPv4; a
// zone is an interface's name or index.
//
// Sockets are made on the thread Dial is called on, before Dial waits for
// anything: a goroutine that has locked its thread (runtime.LockOSThread) and
// entered a network namespace gets a connection in that namespace. Once made, a
// connection may be used from anywhere.
//
// The error is a *net.OpError. It wraps the kernel's errno (ECONNREFUSED,
// ETIMEDOUT, ...), those of all attempts when there were several; ErrNotSupported
// when there are no MPTCP sockets; ErrNotMPTCP when the connection fell back to
// TCP; or the context's error when that ended first, context.DeadlineExceeded also
// for Timeout.
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
	if err := d.prepare(ctx, conn); err != nil {
		conn.Close()
		return nil, opError("dial", d.LocalAddr, to, err)
	}
	return conn, nil
}

func (d *Dialer) connect(ctx context.Context, to netip.AddrPort) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !to.IsValid() {
		return nil, errors.New("no address given")
	}
	if len(d.Race) > 0 && d.LocalAddr.IsValid() {
		return nil, errors.New("both a local address and sources to race given")
	}
	race := race{delay: d.RaceDelay}
	if race.delay <= 0 {
		race.delay = defaultRaceDelay
	}
	if len(d.Race) == 0 {
		attempt, err := newAttempt(d.LocalAddr, "", to, d.AllowTCP)
		race.add("", attempt, err)
	}
	for _, s := range d.Race {
		attempt, err := newAttempt(s.addrPort(), s.Interface, to, d.AllowTCP)
		race.add(s.String(), attempt, err)
	}
	return race.run(ctx)
}

// prepare makes a connection what the Dialer's user expects of it.
func (d *Dialer) prepare(ctx context.Context, conn *Conn) error {
	if d.Subflows > 1 {
		if err := d.awaitSubflows(ctx, conn); err != nil {
			return err
		}
	}
	if d.KeepAlive.Enable {
		return conn.SetKeepAliveConfig(d.KeepAlive)
	}
	return nil
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
