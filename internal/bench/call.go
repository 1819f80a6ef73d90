package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// resolve finds the server's addresses.
func (o *Options) resolve(ctx context.Context) ([]netip.AddrPort, error) {
	if o.at.IsValid() {
		return []netip.AddrPort{o.at}, nil
	}
	if at, err := netip.ParseAddr(o.Host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(at.Unmap(), o.port())}, nil
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", o.Host)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", o.Host, reason(err))
	}
	var addresses []netip.AddrPort
	for _, at := range found {
		addresses = append(addresses, netip.AddrPortFrom(at.Unmap(), o.port()))
	}
	return addresses, nil
}

// reason is what a net.DNSError or net.OpError says behind the names that the
// caller says, too.
func reason(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Err
	}
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
		return errors.New(dns.Err)
	}
	return err
}

// dial connects to the server, as the options say.
func (o *Options) dial(ctx context.Context, to netip.AddrPort) (*mptcp.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout())
	defer cancel()
	conn, err := o.connect(ctx, to)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", to, reason(err))
	}
	return conn, nil
}

func (o *Options) connect(ctx context.Context, to netip.AddrPort) (*mptcp.Conn, error) {
	if o.plain {
		return o.connectPlain(ctx, to)
	}
	d := mptcp.Dialer{AllowTCP: true, Race: o.Race}
	switch {
	case len(o.Race) > 0:
	case o.Source.Interface != "":
		d.Race = []mptcp.Source{o.Source}
	case o.Source.Addr.IsValid():
		d.LocalAddr = netip.AddrPortFrom(o.Source.Addr, 0)
	}
	return d.Dial(ctx, to)
}

// connectPlain makes a connection of plain TCP on one path.
func (o *Options) connectPlain(ctx context.Context, to netip.AddrPort) (*mptcp.Conn, error) {
	d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(o.Source.Addr, 0))}
	d.SetMultipathTCP(false)
	if o.Source.Interface != "" {
		d.Control = bindTo(o.Source.Interface)
	}
	conn, err := d.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	return &mptcp.Conn{TCPConn: conn.(*net.TCPConn)}, nil
}

func bindTo(device string) func(string, string, syscall.RawConn) error {
	return func(_, _ string, raw syscall.RawConn) (err error) {
		if failed := raw.Control(func(fd uintptr) { err = unix.BindToDevice(int(fd), device) }); failed != nil {
			return failed
		}
		if err != nil {
			return fmt.Errorf("bind to interface %s: %w", device, err)
		}
		return nil
	}
}

// introduce says what a connection is for, and reads what the server is.
func introduce(conn net.Conn, m *message, within time.Duration) error {
	_ = conn.SetDeadline(time.Now().Add(within))
	if _, err := conn.Write(preamble()); err != nil {
		return err
	}
	return writeMessage(conn, m)
}

// answered reads the server's answer to that.
func answered(conn net.Conn, want string) (*message, error) {
	if err := readPreamble(conn); err != nil {
		return nil, unanswered(err)
	}
	m, err := readMessage(conn, maxMessage)
	if err != nil {
		return nil, unanswered(err)
	}
	switch {
	case m.Type == typeRefuse:
		return nil, &RefusedError{m.Busy, m.Reason}
	case m.Type != want:
		return nil, fmt.Errorf("it sent a %q out of turn", m.Type)
	}
	return m, conn.SetDeadline(time.Time{})
}

// RefusedError is that the server does not make the test.
type RefusedError struct {
	Busy   bool // another time it may
	Reason string
}

func (e *RefusedError) Error() string { return "it refuses: " + e.Reason }
