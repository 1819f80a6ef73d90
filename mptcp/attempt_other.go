//go:build !linux

package mptcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

// attempt is a connection of plain TCP yet to be made.
type attempt struct{ from, to netip.AddrPort }

func newAttempt(from netip.AddrPort, device string, to netip.AddrPort, allowTCP bool) (*attempt, error) {
	if !allowTCP {
		return nil, errSystem
	}
	if device != "" {
		return nil, errors.New("bind to interface " + device + ": only on linux: give its address instead")
	}
	return &attempt{from, to}, nil
}

func (a *attempt) close() {}

func (a *attempt) run(ctx context.Context) (*Conn, error) {
	var dialer net.Dialer
	if a.from.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(a.from)
	}
	conn, err := dialer.DialContext(ctx, "tcp", a.to.String())
	if err != nil {
		return nil, err
	}
	return &Conn{TCPConn: conn.(*net.TCPConn)}, nil
}
