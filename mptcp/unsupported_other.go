//go:build !linux

package mptcp

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
)

var errSystem = fmt.Errorf("%w on %s: it takes Linux 5.6 or newer", ErrNotSupported, runtime.GOOS)

func listen(netip.AddrPort) (*net.TCPListener, *counters, error) { return nil, nil, errSystem }

func isMPTCP(int) (bool, error) { return false, errSystem }

func readInfo(int) (*Info, error) { return nil, errSystem }

// ParseInfo decodes a struct mptcp_info, which only Linux has.
func ParseInfo([]byte, *Info) error { return errSystem }

func readSubflows(int) ([]Subflow, error) { return nil, errSystem }

// No other system has sockets of Linux's MPTCP.
func readStatus(int) (Status, error) { return Status{Kind: KindTCP}, nil }

func readStatusSince(fd int, _ *counters) (Status, error) { return readStatus(fd) }

// counters are Linux's.
type counters struct{}

func readTCP(int) (*Subflow, error) { return nil, errSystem }
