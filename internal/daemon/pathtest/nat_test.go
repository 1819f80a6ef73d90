package pathtest_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"allroads/pathmanager"
	"allroads/sockdiag"
	"allroads/wire"
)

// forward has the router send what comes to a port of its public address on to a port of
// the server.
func (s *site) forward(public, local uint16) {
	s.Helper()
	need(s, "nft")
	router := s.lab.Host("router")
	s.in(router, "nft", "add", "table", "ip", "test")
	s.in(router, "nft", "add chain ip test pre { type nat hook prerouting priority -100 ; }")
	s.in(router, "nft", fmt.Sprintf("add rule ip test pre ip daddr 203.0.113.1 tcp dport %d dnat to 192.168.5.2:%d", public, local))
}

// TestAnnounceBehindNAT measures what the kernel takes of the ways to announce an address
// behind a NAT, by its userspace path manager alone: what allroadsd has to know. A subflow
// to another port than the connection's is taken where the local address and port were
// announced, too (subflow_use_different_sport in net/mptcp/subflow.c).
func TestAnnounceBehindNAT(t *testing.T) {
	public, local := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("192.168.5.2")
	for _, test := range []struct {
		name              string
		outside, inside   uint16 // ports of the router's rule
		announced         []pathmanager.Endpoint
		withdrawn, joined bool
	}{
		{"the same port", 80, 80, []pathmanager.Endpoint{{Addr: public, ID: 5}}, false, true},
		{"a public port for the same port", 8443, 80, []pathmanager.Endpoint{{Addr: public, ID: 5, Port: 8443}}, false, true},
		{"another port", 8443, 9443, []pathmanager.Endpoint{{Addr: public, ID: 5, Port: 8443}}, false, false},
		{"another port, on both sides the same", 8443, 8443, []pathmanager.Endpoint{{Addr: public, ID: 5, Port: 8443}}, false, false},
		{"another port, the local one announced too", 8443, 9443, []pathmanager.Endpoint{
			{Addr: local, ID: 6, Port: 9443}, {Addr: public, ID: 5, Port: 8443},
		}, false, true},
		{"another port, the local one announced and withdrawn", 8443, 9443, []pathmanager.Endpoint{
			{Addr: local, ID: 6, Port: 9443}, {Addr: public, ID: 5, Port: 8443},
		}, true, false},
		// An IPv6 address with a port has no room beside TCP timestamps: it is never sent,
		// and so the client is not told of an address that it cannot reach.
		{"another port, the local one announced as an IPv6 address", 8443, 9443, []pathmanager.Endpoint{
			{Addr: netip.AddrFrom16(local.As16()), ID: 6, Port: 9443}, {Addr: public, ID: 5, Port: 8443},
		}, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := build(t, "nat")
			s.forward(test.outside, test.inside)
			s.watch("client")
			s.hear()
			s.sink(s.server, "0.0.0.0:80")
			if test.inside != 80 {
				s.listener(fmt.Sprintf("192.168.5.2:%d", test.inside))
			}
			s.talk("10.0.1.1:80")
			s.announce(test.announced, test.withdrawn)
			joined := func() bool { return s.established() == 1 }
			if test.joined {
				s.await("a subflow to the public address", joined)
				s.sent(test.announced)
				return
			}
			s.await("it is tried", func() bool { return len(s.wire.asked()) > 0 })
			time.Sleep(quiet)
			if joined() {
				t.Error("the kernel takes the subflow now: allroadsd need not work around that")
			}
		})
	}
}

// sent holds that the client was told of what it can use, or of all that was announced.
func (s *site) sent(announced []pathmanager.Endpoint) {
	s.Helper()
	want := map[netip.Addr]bool{}
	for _, e := range announced {
		want[e.Addr] = !e.Addr.Is4In6()
	}
	for _, n := range told[*wire.AddAddr](s.wire) {
		if o := n.what.(*wire.AddAddr); !want[o.Addr] {
			s.Errorf("the client was told of %v", o)
		}
	}
}

// hear listens to events in the server: while nobody does, the kernel takes no further
// subflows.
func (s *site) hear() {
	s.Helper()
	must(s, s.server.Run(func() error {
		listener, err := pathmanager.Listen(context.Background())
		if err == nil {
			s.Cleanup(func() { listener.Close() })
		}
		return err
	}))
}

// listener is a socket that listens and accepts nothing.
func (s *site) listener(at string) {
	s.Helper()
	var listener net.Listener
	must(s, s.server.Run(func() (err error) {
		listener, err = listen(netip.MustParseAddrPort(at))
		return err
	}))
	s.Cleanup(func() { listener.Close() })
}

// announce announces addresses on the server's connection, as a path manager of userspace.
func (s *site) announce(all []pathmanager.Endpoint, withdrawFirst bool) {
	s.Helper()
	var token pathmanager.Token
	s.await("the server has the connection", func() bool {
		token = s.tokenAt()
		return token != 0
	})
	must(s, s.server.Run(func() error {
		conn, err := pathmanager.Dial(context.Background())
		if err != nil {
			return err
		}
		defer conn.Close()
		for i, endpoint := range all {
			endpoint.Flags = pathmanager.Signal
			if err := conn.Announce(context.Background(), token, endpoint); err != nil {
				return err
			}
			time.Sleep(50 * time.Millisecond)
			if withdrawFirst && i == 0 {
				if err := conn.Withdraw(context.Background(), token, endpoint.ID); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// tokenAt is the token of the server's only connection, 0 while there is none.
func (s *site) tokenAt() (token pathmanager.Token) {
	s.Helper()
	must(s, s.server.Run(func() error {
		conn, err := sockdiag.Dial(context.Background(), 0)
		if err != nil {
			return err
		}
		defer conn.Close()
		for c, err := range conn.Connections(context.Background(), sockdiag.Filter{}) {
			if err != nil {
				return err
			}
			if len(c.Subflows) > 0 && c.Info.RemoteKeyReceived {
				token = pathmanager.Token(c.Info.Token)
			}
		}
		return nil
	}))
	return token
}
