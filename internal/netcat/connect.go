package netcat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"allroads/mptcp"
)

// Client makes connections.
type Client struct {
	Host    string // a name or an address
	Port    uint16
	Family  Family
	Numeric bool // resolve no names

	From     netip.Addr   // where connections start; the zero value lets the kernel choose
	FromPort uint16       // 0: the kernel chooses
	Dialer   mptcp.Dialer // LocalAddr is made of the two above; Timeout is for each address
}

// Connect tries the host's addresses one by one. When none answers, the error
// tells of all of them; when that is due to others, it is a *PeerError.
func (c *Client) Connect(ctx context.Context) (*mptcp.Conn, error) {
	addresses, err := Resolve(ctx, c.Host, c.Family, c.Numeric)
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, a := range addresses {
		if c.From.IsValid() && c.From.Unmap().Is4() != a.Is4() {
			failed = append(failed, fmt.Errorf("connect to %s: the source address %s is of another family", a, c.From))
			continue
		}
		conn, err := c.dial(ctx, a)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failed = append(failed, err)
	}
	return nil, byPeer(errors.Join(failed...))
}

func (c *Client) dial(ctx context.Context, a netip.Addr) (*mptcp.Conn, error) {
	dialer, to := c.Dialer, netip.AddrPortFrom(a, c.Port)
	if c.From.IsValid() || c.FromPort != 0 {
		dialer.LocalAddr = netip.AddrPortFrom(c.source(a), c.FromPort)
	}
	conn, err := dialer.Dial(ctx, to)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, context.DeadlineExceeded) && dialer.Timeout > 0:
		return nil, fmt.Errorf("connect to %s: no answer within %v: %w", to, dialer.Timeout, context.DeadlineExceeded)
	case dialer.LocalAddr.IsValid():
		return nil, fmt.Errorf("connect to %s from %s: %w", to, dialer.LocalAddr, words(err))
	}
	return nil, fmt.Errorf("connect to %s: %w", to, words(err))
}

func (c *Client) source(to netip.Addr) netip.Addr {
	switch {
	case c.From.IsValid():
		return c.From.Unmap()
	case to.Is4():
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// Run connects, and does what the options say until the connection has ended.
func (c *Client) Run(ctx context.Context, o *Options) error {
	conn, err := c.Connect(ctx)
	if err != nil {
		return err
	}
	return newSession(conn, o).run(ctx)
}

// Check connects, and goes no further.
func (c *Client) Check(ctx context.Context, o *Options) error {
	conn, err := c.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return newSession(conn, o).begin(ctx)
}
