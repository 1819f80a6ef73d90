package steering

import (
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

func actions(commands []Command) string {
	var all []string
	for _, c := range commands {
		all = append(all, string(c.Action))
	}
	return strings.Join(all, " ")
}

// TestRoute: a path without a route waits for the network to change, with no time limit
// and no timer, and says so.
func TestRoute(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("192.168.0.2", "wlan0", 2, 2)
	m := newModel(t.Fatalf, &config.Config{})
	road := m.road(wlan.Addr, pathmanagerServer)
	road.noRoute = true
	m.setLocals(eth, wlan)
	c := m.connect(1, "10.0.0.2:1000", server, 0)
	m.run(time.Second)
	if due, ok := m.s.Wake(); ok {
		t.Errorf("it polls: at %s", due)
	}
	pending := m.s.Pending()
	if len(pending) != 1 || pending[0].What != "192.168.0.2 on wlan0" || pending[0].For != "a route to 203.0.113.7" || pending[0].Token != 1 || !pending[0].Next.IsZero() {
		t.Errorf("pending: %+v", pending)
	}
	m.run(24 * time.Hour)
	if len(m.commands) != 1 {
		t.Errorf("it was tried without need: %v", m.commands)
	}
	road.noRoute = false
	m.tell(Network{m.locals})
	m.run(time.Second)
	m.expect(t, c, "10.0.0.2 192.168.0.2")
	if pending := m.s.Pending(); len(pending) != 0 {
		t.Errorf("pending: %+v", pending)
	}
}

// TestVanished: the peer is told of an address that is gone before its subflow is closed;
// when it comes back there is a subflow again.
func TestVanished(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, c := begin(t, config.Strategy{}, eth, wlan)
	m.run(time.Second)
	before := len(m.commands)
	m.setLocals(eth)
	m.run(100 * time.Millisecond)
	if got := actions(m.commands[before:]); got != "withdraw destroy" || m.commands[before].Local.ID != 2 {
		t.Errorf("%v", m.commands[before:])
	}
	m.expect(t, c, "10.0.0.2")
	m.setLocals(eth, wlan)
	m.run(100 * time.Millisecond)
	m.expect(t, c, "10.0.0.2 10.0.1.2")
	before = len(m.commands)
	m.setLocals(wlan)
	m.run(100 * time.Millisecond)
	if got := actions(m.commands[before:]); got != "withdraw destroy" || m.commands[before].Local.ID != 0 {
		t.Errorf("initial: %v", m.commands[before:])
	}
	before = len(m.commands)
	m.setLocals() // The last one stays until there is another.
	m.run(time.Minute)
	if len(m.commands) != before {
		t.Errorf("the last subflow: %v", m.commands[before:])
	}
	m.setLocals(eth)
	m.run(100 * time.Millisecond)
	m.expect(t, c, "10.0.0.2")
}

// TestFailures: the cause decides when it is tried again, and the number grows.
func TestFailures(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m := newModel(t.Fatalf, &config.Config{})
	m.road(wlan.Addr, pathmanagerServer).refused = syscall.ECONNREFUSED
	m.setLocals(eth, wlan)
	c := m.connect(1, "10.0.0.2:1000", server, 0)
	m.run(100 * time.Millisecond)
	var path Path
	for v := range m.s.Connections() {
		path = v.Paths[1]
	}
	if path.State != PathWaiting || path.Tries != 1 || path.Next.IsZero() || path.Reason != "refused" || path.Interface != "wlan0" {
		t.Errorf("%+v", path)
	}
	m.run(time.Hour)
	if n := len(m.commands); n < 4 || n > 15 {
		t.Errorf("%d attempts in an hour", n)
	}
	if counts := m.s.Counts(); counts.Lost != 0 || counts.Retried != counts.Subflows-1 || counts.Seen != 1 {
		t.Errorf("%+v", counts)
	}
	m.road(wlan.Addr, pathmanagerServer).refused = 0
	m.run(20 * time.Minute)
	m.expect(t, c, "10.0.0.2 10.0.1.2")
	e := between(pathmanager.SubflowClosed, c.subflows[1].local, c.subflows[1].remote)
	e.Token, e.ResetReason = 1, new(uint32(6))
	c.subflows = c.subflows[:1]
	m.tell(Event{e})
	for v := range m.s.Connections() {
		path = v.Paths[1]
	}
	if path.State != PathGivenUp || !strings.Contains(path.Reason, "middlebox") {
		t.Errorf("%+v", path)
	}
	if _, ok := m.s.Wake(); ok {
		t.Error("it waits although it was given up")
	}
}

// TestNotUserspace: a connection of the kernel's path manager is left alone.
func TestNotUserspace(t *testing.T) {
	s := New(&config.Config{Strategy: config.Strategy{Kind: config.Handover}})
	now := time.Now()
	s.Step(now, Network{hostLocals()})
	l := Live{Token: 7, Side: config.Client, Local: netip.MustParseAddrPort("10.0.0.2:1"), Remote: netip.MustParseAddrPort(server)}
	l.Subflows = []LiveSubflow{{Local: l.Local, Remote: l.Remote, Established: true}}
	s.config = &config.Config{}
	commands := s.Step(now, Found{Connections: []Live{l}})
	if len(commands) == 0 {
		t.Fatal("no command")
	}
	for _, c := range commands {
		if more := s.Step(now, Done{c, &pathmanager.Error{Errno: syscall.EINVAL, Text: "invalid request; userspace PM not selected"}}); len(more) != 0 {
			t.Errorf("%v", more)
		}
	}
	for v := range s.Connections() {
		if v.Manager != "kernel" || len(v.Paths) != 1 {
			t.Errorf("%+v", v)
		}
	}
	for _, in := range []Input{Network{hostLocals()[:2]}, Found{Connections: []Live{l}}, Configured{&config.Config{Strategy: config.Strategy{Kind: config.NDiffPorts, N: 3}}}, Tick{}} {
		if more := s.Step(now.Add(time.Hour), in); len(more) != 0 {
			t.Errorf("%T: %v", in, more)
		}
	}
	if counts := s.Counts(); counts.Managed != 0 || counts.Live != 1 {
		t.Errorf("%+v", counts)
	}
}

// TestConfigured: only connections whose strategy is another one see commands.
func TestConfigured(t *testing.T) {
	eth, wlan, wwan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2), use("10.0.2.2", "wwan0", 3, 3)
	m, c := begin(t, config.Strategy{}, eth, wlan, wwan)
	other := m.connect(2, "10.0.0.2:1001", "203.0.113.9:22", 0)
	m.run(time.Second)
	before := len(m.commands)
	m.tell(Configured{&config.Config{Connections: []config.ConnectionRule{{
		Name: "ssh", Match: config.ConnectionMatch{Ports: []config.PortRange{{First: 22, Last: 22}}}, Strategy: config.Strategy{Kind: config.NoPaths},
	}}}})
	m.run(time.Second)
	for _, command := range m.commands[before:] {
		if command.Token != 2 {
			t.Errorf("%+v", command)
		}
	}
	m.expect(t, c, "10.0.0.2 10.0.1.2 10.0.2.2")
	m.expect(t, other, "10.0.0.2>203.0.113.9")
	if story, ok := m.s.Story(2); !ok || story.Connection.Rule != "ssh" {
		t.Errorf("%+v", story.Connection)
	}
}

// TestOwners: where a rule asks whose a connection is, nothing is done before that is known,
// or a second is over.
func TestOwners(t *testing.T) {
	c := &config.Config{Connections: []config.ConnectionRule{{
		Match: config.ConnectionMatch{UIDs: []uint32{1000}}, Strategy: config.Strategy{Kind: config.NoPaths},
	}}}
	for name, answer := range map[string]struct {
		in   Input
		want string
	}{
		"the one":     {Owner{Token: 1, UID: new(uint32(1000)), Cgroup: new("/")}, ""},
		"another":     {Owner{Token: 1, UID: new(uint32(1)), Cgroup: new("/")}, "create"},
		"not known":   {Owner{Token: 1}, "create"},
		"no answer":   {Tick{}, "create"},
		"not it":      {Owner{Token: 2}, "create"},
		"it is found": {Found{Connections: []Live{}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := newModel(t.Fatalf, c)
			m.setLocals(use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2))
			m.connect(1, "10.0.0.2:1000", server, 0)
			m.run(time.Millisecond)
			if tokens := m.s.Owners(); !slices.Equal(tokens, []pathmanager.Token{1}) || m.s.Owners() != nil {
				t.Fatalf("owners %v", tokens)
			}
			m.run(100 * time.Millisecond)
			if len(m.commands) != 0 {
				t.Fatalf("%v", m.commands)
			}
			m.tell(answer.in)
			m.run(2 * time.Second)
			if got := actions(m.commands); got != answer.want {
				t.Errorf("%q", got)
			}
		})
	}
}

// TestFamilies: IPv4 in an IPv6 socket is IPv4; link-local addresses reach only their link.
func TestFamilies(t *testing.T) {
	m := newModel(t.Fatalf, &config.Config{})
	m.setLocals(use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2), use("2001:db8::2", "eth0", 1, 3), use("fe80::1", "eth0", 1, 4), use("fe80::2", "wlan0", 2, 5))
	mapped := m.connect(1, "[::ffff:10.0.0.2]:1000", "[::ffff:203.0.113.7]:443", 0)
	m.announce(mapped, "[2001:db8:1::7]:443", 1)
	local := m.connect(2, "[fe80::1]:1000", "[fe80::7]:443", 0)
	same := m.connect(3, "10.0.0.2:1000", "10.0.1.2:80", 0)
	m.run(time.Second)
	m.expect(t, mapped, "10.0.1.2 2001:db8::2>2001:db8:1::7 ::ffff:10.0.0.2>::ffff:203.0.113.7")
	m.expect(t, local, "fe80::1>fe80::7")
	m.expect(t, same, "10.0.0.2>10.0.1.2")
	m.setLocals(use("10.0.1.2", "wlan0", 2, 2))
	m.run(time.Second)
	for _, c := range m.commands {
		if c.Action == Destroy && c.Token == 1 && c.From.Addr().Is4In6() && c.From.Port() == 1000 {
			return
		}
	}
	t.Error("the initial subflow is not named as the kernel does")
}

// TestIDs: an id that the connection has for another address is not used, and one that the
// kernel knows otherwise is given up.
func TestIDs(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m := newModel(t.Fatalf, &config.Config{})
	m.setLocals(eth, wlan)
	c := m.connect(1, "10.0.0.2:1000", server, 0)
	c.ids[bare(netip.MustParseAddr("10.9.9.9"))] = 2 // From before a restart; nobody knows.
	m.run(time.Minute)
	m.expect(t, c, "10.0.0.2 10.0.1.2")
	m = newModel(t.Fatalf, &config.Config{})
	m.setLocals(eth)
	c = m.connect(1, "10.0.0.2:1000", server, 0)
	c.ids[bare(wlan.Addr)] = 77
	m.run(time.Millisecond)
	m.resync()
	m.setLocals(eth, wlan)
	m.run(time.Second)
	m.expect(t, c, "10.0.0.2 10.0.1.2")
}

// TestStory: a connection that is gone is remembered, and long stories keep their
// beginning and their end.
func TestStory(t *testing.T) {
	m, c := begin(t, config.Strategy{}, use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2))
	for range 100 {
		m.run(time.Hour)
		m.drop(c, c.subflows[1], syscall.ECONNRESET)
	}
	m.run(time.Hour)
	m.disconnect(c)
	m.run(time.Second)
	story, ok := m.s.Story(1)
	if !ok || story.Connection.Closed.IsZero() || len(story.Entries) != storyRoom+1 || story.Forgotten == 0 {
		t.Fatalf("%v: %d entries, %d forgotten", ok, len(story.Entries), story.Forgotten)
	}
	if first, last := story.Entries[1], story.Entries[storyRoom]; !strings.HasPrefix(first.What, "subflow from 10.0.1.2 to 203.0.113.7:443 asked for") || last.What != "connection gone" || first.Why == "" {
		t.Errorf("%+v ... %+v", first, last)
	}
	for i := range pathmanager.Token(256) {
		m.disconnect(m.connect(1000+i, "10.0.0.2:1000", server, 0))
	}
	m.run(time.Second)
	if _, ok := m.s.Story(1); ok {
		t.Error("the story is kept for ever")
	}
	if _, ok := m.s.Story(1000); !ok {
		t.Error("no story of one of the last 256")
	}
}

// TestLateClosed: that an old subflow is closed, heard of late, is not taken for the end of
// the attempt that followed it.
func TestLateClosed(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, c := begin(t, config.Strategy{}, eth, wlan)
	m.run(time.Second)
	m.eventDelay = func() time.Duration { return 50 * time.Millisecond }
	m.setLocals(eth)
	m.run(time.Millisecond)
	m.setLocals(eth, wlan)
	m.run(time.Minute)
	m.expect(t, c, "10.0.0.2 10.0.1.2")
	if counts := m.s.Counts(); counts.Lost != 0 || counts.Subflows != 2 {
		t.Errorf("%+v", counts)
	}
}
