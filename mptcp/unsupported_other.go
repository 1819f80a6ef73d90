//go:build !linux

package mptcp

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
)

var errSystem = fmt.Errorf("%w on %s: it takes Linux 5.6 or newer", ErrNotSupported, runtime.GOOS)

func dial(context.Context, netip.AddrPort, netip.AddrPort) (*net.TCPConn, error) {
	return nil, errSystem
}

func listen(netip.AddrPort) (*net.TCPListener, error) { return nil, errSystem }

func isMPTCP(int) (bool, error) { return false, errSystem }

func readInfo(int) (*Info, error) { return nil, errSystem }

func readSubflows(int) ([]Subflow, error) { return nil, errSystem }
