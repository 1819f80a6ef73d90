package pathmanager_test

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
)

// scripts are connections by each address family: where the server listens, the
// addresses of both hosts on both links, and whether the server's socket sees
// IPv4 within IPv6.
var scripts = map[string]struct {
	listen         string
	client, server [2]string
	mapped         bool
}{
	"IPv4":       {"0.0.0.0", client4, server4, false},
	"IPv6":       {"::", client6, server6, false},
	"dual stack": {"::", client4, server4, true},
}

// TestEventsOfAConnection scripts a connection from its listener to its end, and
// expects each event once, in order, with every attribute, at both hosts.
func TestEventsOfAConnection(t *testing.T) {
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			_, client, server := hosts(t, map[string]string{"net.mptcp.pm_type": "1"})
			s := scripted{t: t, client: client, server: server, mapped: script.mapped}
			for i := range 2 {
				s.from[i], s.to[i] = netip.MustParseAddr(script.client[i]), netip.MustParseAddr(script.server[i])
			}
			must(t, client.host.Run(func() error {
				device, err := net.InterfaceByName("two")
				s.device = device.Index
				return err
			}))
			s.play(netip.MustParseAddr(script.listen))
		})
	}
}

type scripted struct {
	t              *testing.T
	client, server *side
	mapped         bool
	from, to       [2]netip.Addr

	device               int // of the second link, at the client
	clientPort, joinPort uint16
}

const serverPort = 4004

func (s *scripted) play(listen netip.Addr) {
	ctx := s.t.Context()
	connect(s.t, s.client, s.server, listen, netip.AddrPortFrom(s.to[0], serverPort))
	s.clientPort = uint16(s.client.conn.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort().Port())
	listening := pathmanager.Event{Type: pathmanager.ListenerCreated, Source: listen, SourcePort: new(uint16(serverPort))}
	listening.Family = familyOf(listen)
	s.expect(s.server, listening)
	s.expect(s.client, s.initial(pathmanager.Created, s.client), s.initial(pathmanager.Established, s.client))
	s.expect(s.server, s.initial(pathmanager.Created, s.server), s.initial(pathmanager.Established, s.server))

	must(s.t, s.server.pm.Announce(ctx, s.server.token, pathmanager.Endpoint{Addr: s.to[1], ID: 20}))
	s.expect(s.client, pathmanager.Event{Type: pathmanager.Announced, Token: s.client.token, RemoteID: new(uint8(20)),
		Destination: s.to[1], DestinationPort: new(uint16(serverPort))})

	must(s.t, s.client.pm.CreateSubflow(ctx, s.client.token, pathmanager.Endpoint{Addr: s.from[1], ID: 10, IfIndex: s.device},
		netip.AddrPortFrom(s.to[1], serverPort)))
	s.joinPort = *s.client.heard.peek(s.t).SourcePort
	s.expect(s.client, s.further(pathmanager.SubflowEstablished, s.client, false))
	s.expect(s.server, s.further(pathmanager.SubflowEstablished, s.server, false))
	s.change()

	must(s.t, s.server.pm.Withdraw(ctx, s.server.token, 20))
	s.expect(s.client, pathmanager.Event{Type: pathmanager.Removed, Token: s.client.token, RemoteID: new(uint8(20))})
	must(s.t, s.client.conn.Close(), s.server.conn.Close())
	s.expect(s.client, pathmanager.Event{Type: pathmanager.Closed, Token: s.client.token})
	s.expect(s.server, pathmanager.Event{Type: pathmanager.Closed, Token: s.server.token})
	must(s.t, s.server.listener.Close())
	listening.Type = pathmanager.ListenerClosed
	s.expect(s.server, listening)
}

// change makes the second subflow a backup, and closes it.
func (s *scripted) change() {
	ctx := s.t.Context()
	local, remote := netip.AddrPortFrom(s.from[1], s.joinPort), netip.AddrPortFrom(s.to[1], serverPort)
	must(s.t, s.client.pm.SetPriority(ctx, s.client.token, local, remote, true))
	s.expect(s.server, s.further(pathmanager.SubflowPriority, s.server, true))
	must(s.t, s.client.pm.DestroySubflow(ctx, s.client.token, local, remote))
	// Backup is what the peer has asked for.
	s.expect(s.client, s.further(pathmanager.SubflowClosed, s.client, false))
	s.expect(s.server, s.further(pathmanager.SubflowClosed, s.server, true))
}

// initial is an event of the connection as such.
func (s *scripted) initial(kind pathmanager.EventType, at *side) pathmanager.Event {
	e := s.between(kind, at, 0, s.clientPort)
	e.LocalID, e.RemoteID = new(uint8(0)), new(uint8(0))
	if at == s.server {
		e.ServerSide = true
		e.Flags = new(uint16(pathmanager.ServerSideFlag))
	}
	return e
}

// further is an event of the second subflow, on the second link.
func (s *scripted) further(kind pathmanager.EventType, at *side, backup bool) pathmanager.Event {
	e := s.between(kind, at, 1, s.joinPort)
	e.Backup = &backup
	if at == s.server {
		e.LocalID, e.RemoteID = new(uint8(20)), new(uint8(10))
	} else {
		e.LocalID, e.RemoteID, e.IfIndex = new(uint8(10)), new(uint8(20)), new(int32(s.device))
	}
	return e
}

func (s *scripted) between(kind pathmanager.EventType, at *side, link int, port uint16) pathmanager.Event {
	e := pathmanager.Event{Type: kind, Token: at.token, Source: s.from[link], SourcePort: &port,
		Destination: s.to[link], DestinationPort: new(uint16(serverPort))}
	if at == s.server {
		e.Source, e.SourcePort, e.Destination, e.DestinationPort = e.Destination, e.DestinationPort, e.Source, e.SourcePort
		if s.mapped {
			e.Source, e.Destination = netip.AddrFrom16(e.Source.As16()), netip.AddrFrom16(e.Destination.As16())
		}
	}
	e.Family = familyOf(e.Source)
	return e
}

func familyOf(a netip.Addr) *uint16 {
	if a.Is4() {
		return new(uint16(2))
	}
	return new(uint16(10))
}

// expect takes the next events at a host and compares them.
func (s *scripted) expect(at *side, want ...pathmanager.Event) {
	s.t.Helper()
	for _, w := range want {
		got := at.heard.next(s.t)
		if since := time.Since(got.Time); since < 0 || since > time.Minute {
			s.t.Errorf("%s was read %v ago", got.Type, since)
		}
		w.Time, w.NetNSID = got.Time, -1
		if w.Flags != nil && got.Flags == nil && w.ServerSide { // Before Linux 6.18.
			w.Flags = nil
		}
		if diff := cmp.Diff(w, got, equalAddr); diff != "" {
			s.t.Fatalf("event at %s (-want +got):\n%s", at.host.Name, diff)
		}
	}
}

func TestEventNames(t *testing.T) {
	for number, want := range map[pathmanager.EventType]string{
		1: "CREATED", 2: "ESTABLISHED", 3: "CLOSED", 6: "ANNOUNCED", 7: "REMOVED", 10: "SF_ESTABLISHED", 11: "SF_CLOSED",
		13: "SF_PRIO", 15: "LISTENER_CREATED", 16: "LISTENER_CLOSED", 0xffff: "LOSS", 0: "UNKNOWN 0", 4: "UNKNOWN 4", 999: "UNKNOWN 999",
	} {
		if got := fmt.Sprint(number); got != want {
			t.Errorf("event %d is %s, want %s", uint16(number), got, want)
		}
	}
}
