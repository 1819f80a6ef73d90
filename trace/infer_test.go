package trace_test

import (
	"net/netip"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// TestMidwayServerJoins: the server joins, so that the ends of what its MP_JOIN tells
// have to be turned when data shows which connection it is of.
func TestMidwayServerJoins(t *testing.T) {
	s := newSession(wire.V1, false)
	s.fromServer = true
	s.openRed()
	s.data(0, 0, 1, 0, "before")
	start := len(s.packets)
	s.both(0, 0, 7, 6, 0, "hello ")
	s.openBlue()
	s.both(1, 0, 1, 12, 0, "world")
	s.both(1, 1, 1, 0, 17, "back")
	r := follow(midway, s.packets[start:])
	if len(r.Connections) != 1 {
		t.Fatalf("%d connections", len(r.Connections))
	}
	c := &r.Connections[0]
	blue := &c.Subflows[1]
	if blue.OpenedBy != "server" || blue.Client != s.blue[0] || blue.ServerID != 1 || blue.ClientID != 2 ||
		blue.ToServer.Bytes != 5 || blue.ToClient.Bytes != 4 || c.ToServer.Bytes != 11 {
		t.Errorf("%+v", c)
	}
	for _, event := range c.Events {
		if event.Subflow == 2 && event.Kind == trace.EventOpened && event.By != "server" {
			t.Errorf("%+v", event)
		}
	}
	coherent(t, r)
}

// TestMidwayTokens: subflows with two tokens of one side are not put together, however
// close their numbers are.
func TestMidwayTokens(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	start := len(s.packets)
	s.openBlue()
	other := newSession(wire.V1, false)
	other.keys[1] = 99 // another token, the same numbers of the client
	other.blue[0] = netip.MustParseAddrPort("192.168.0.9:50009")
	other.openBlue()
	for i, one := range []*session{s, other} {
		one.sendDSS(1, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + uint64(5*i), SSN: 1, Length: 5}, "world")
	}
	r := follow(midway, append(s.packets[start:], other.packets...))
	if len(r.Connections) != 2 || r.Connections[0].Inferred != trace.InferredToken {
		t.Errorf("%+v", r.Connections)
	}
}

// TestMidwayVersion: an ADD_ADDR tells the version.
func TestMidwayVersion(t *testing.T) {
	s := open(wire.V1, false)
	start := len(s.packets)
	s.both(0, 0, 1, 0, 0, "hello ")
	add := wire.AddAddr{Version: wire.V1, AddressID: 9, Addr: netip.MustParseAddr("10.9.9.9"), HasHMAC: true}
	s.send(s.red[1], s.red[0], s.redISN[1]+1, s.redISN[0]+7, trace.ACK, wire.AppendAddAddr(nil, &add), nil)
	c := &follow(midway, s.packets[start:]).Connections[0]
	if c.Version == nil || *c.Version != wire.V1 || len(c.Subflows[0].Checks) != 4 {
		t.Errorf("%+v", c)
	}
}

// TestManyMidway: many connections that are open are told apart, though a subflow is
// compared with the latest only.
func TestManyMidway(t *testing.T) {
	a := trace.New(redBlue)
	a.Follow(midway)
	const count = 600
	for i := range count {
		s := newSession(wire.V1, false)
		s.keys = [2]wire.Key{wire.Key(2*i + 1), wire.Key(2*i + 2)}
		s.red[0] = netip.AddrPortFrom(s.red[0].Addr(), uint16(20000+i))
		s.blue[0] = netip.AddrPortFrom(s.blue[0].Addr(), uint16(20000+i))
		s.data(0, 0, 1, 0, "hello ")
		s.data(1, 0, 1, 6, "world")
		for j := range s.packets {
			a.Add(&s.packets[j])
		}
	}
	r := a.Report()
	if len(r.Connections) != count {
		t.Fatalf("%d connections", len(r.Connections))
	}
	for i := range r.Connections {
		if c := &r.Connections[i]; len(c.Subflows) != 2 || c.ToServer.Bytes != 11 {
			t.Fatalf("%+v", c)
		}
	}
}

// TestSilence: a connection that nothing is seen of for long is over, sooner when
// none of its subflows is open.
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		closed  bool
		seconds int64
		over    bool
	}{{false, 590, false}, {false, 620, true}, {true, 50, false}, {true, 80, true}} {
		s := open(wire.V1, false)
		s.data(0, 0, 1, 0, "hello ")
		if test.closed {
			s.close(0)
			s.close(1)
		}
		s.late += test.seconds * 1e9
		s.send(netip.MustParseAddrPort("10.9.9.9:1"), s.red[1], 1, 0, trace.ACK, nil, nil)
		a, over := trace.New(redBlue), false
		a.Yield(func(c *trace.Connection) { over = c.ToServer.Bytes == 6 })
		for i := range s.packets {
			a.Add(&s.packets[i])
		}
		if over != test.over {
			t.Errorf("closed %v, after %d s: over %v", test.closed, test.seconds, over)
		}
	}
}

// TestDenyJoin: a host that wants no joins to its first address is a reason for one
// path.
func TestDenyJoin(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	for _, at := range []int{1, 2} { // in the SYN/ACK, and not in the third packet
		mptcpOptions(t, &s.packets[at], func(o wire.Option) {
			if at == 1 {
				o[3] |= byte(wire.DenyJoin)
			}
		})
	}
	s.data(0, 0, 1, 0, "hello ")
	wantFinding(t, s.report(t), trace.FoundDenyJoin, "the server asked for no joins")
}

// TestManyEnded: late packets of the latest closed flows are told from those of others,
// of thousands.
func TestManyEnded(t *testing.T) {
	a := trace.New(redBlue)
	var sessions []*session
	for i := range 9000 {
		s := newSession(wire.V1, false)
		s.keys = [2]wire.Key{wire.Key(2*i + 1), wire.Key(2*i + 2)}
		s.red[0] = netip.AddrPortFrom(s.red[0].Addr(), uint16(20000+i))
		s.openRed()
		s.data(0, 0, 1, 0, "hello ")
		s.send(s.red[1], s.red[0], s.redISN[1]+1, s.redISN[0]+7, trace.RST|trace.ACK, nil, nil)
		for j := range s.packets {
			a.Add(&s.packets[j])
		}
		s.packets = s.packets[:0]
		sessions = append(sessions, s)
	}
	if a.Open() != 0 {
		t.Errorf("%d are open", a.Open())
	}
	for _, i := range []int{0, 8999} {
		s := sessions[i]
		s.data(0, 1, 1, 0, "more")
		a.Add(&s.packets[0])
		if got, want := a.Report().Packets.Stray, uint64(i/8999); got != want {
			t.Errorf("%d stray packets, want %d", got, want)
		}
	}
}
