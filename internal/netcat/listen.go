package netcat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"allroads/mptcp"
)

// Server waits for connections.
type Server struct {
	Host      string // "": all addresses
	Port      uint16 // 0: the kernel chooses
	Family    Family
	Numeric   bool
	KeepAlive net.KeepAliveConfig

	KeepOpen bool // go on after the first connection, until ctx ends
	Max      int  // connections at a time; 0: as many as come
}

var listenNetworks = map[Family]string{AnyFamily: "tcp", IPv4: "tcp4", IPv6: "tcp6"}

// listen makes an MPTCP socket, or one of TCP where there are none and required
// does not say that it must. Package net's is used since mptcp.Listen has no way to
// leave IPv4 out.
func (s *Server) listen(ctx context.Context, required bool) (*net.TCPListener, error) {
	at, err := s.address(ctx)
	if err != nil {
		return nil, err
	}
	if required {
		if err := mptcpSockets(ctx); err != nil {
			return nil, err
		}
	}
	config := net.ListenConfig{KeepAlive: -1, KeepAliveConfig: s.KeepAlive}
	config.SetMultipathTCP(true)
	l, err := config.Listen(ctx, listenNetworks[s.Family], at)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", at, words(err))
	}
	return l.(*net.TCPListener), nil
}

func (s *Server) address(ctx context.Context) (string, error) {
	if s.Host == "" {
		return fmt.Sprintf(":%d", s.Port), nil
	}
	addresses, err := Resolve(ctx, s.Host, s.Family, s.Numeric)
	if err != nil {
		return "", err
	}
	return netip.AddrPortFrom(addresses[0], s.Port).String(), nil
}

// mptcpSockets says why there are none, if there are none.
func mptcpSockets(ctx context.Context) error {
	l, err := mptcp.Listen(ctx, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
	if errors.Is(err, mptcp.ErrNotSupported) {
		return err
	}
	if err == nil {
		l.Close()
	}
	return nil
}

// kindOf is what a listener accepts.
func kindOf(l *net.TCPListener) mptcp.Kind {
	status, err := mptcp.ReadStatus(l)
	if err != nil {
		return mptcp.KindUnknown
	}
	return status.Kind
}
