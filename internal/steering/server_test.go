package steering

import (
	"net/netip"
	"syscall"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

func signal(l Local, a *config.Announcement) Local {
	l.Settings.Role, l.Settings.Announce = config.Signal, a
	return l
}

// serve is a model of a host behind a NAT, with a connection that it accepted.
func serve(t *testing.T) (*model, *modelConnection, Local) {
	eth := use("10.0.0.2", "eth0", 1, 1)
	nat := signal(use("10.0.1.2", "wlan0", 2, 2), &config.Announcement{Address: netip.MustParseAddr("198.51.100.1"), Port: 8443, Listen: 443})
	m := newModel(t.Fatalf, &config.Config{})
	m.setLocals(eth, nat, signal(use("10.0.2.2", "wwan0", 3, 3), nil), signal(use("2001:db8::2", "eth0", 1, 4), nil))
	c := m.connect(1, "10.0.0.2:443", "203.0.113.7:5000", pathmanager.ServerSideFlag)
	m.run(time.Second)
	return m, c, nat
}

// TestServer: the server's side announces addresses with role signal, as the peer sees
// them, and makes no subflow.
func TestServer(t *testing.T) {
	m, c, _ := serve(t)
	if got := actions(m.commands); got != "listen announce announce" {
		t.Fatalf("%v", m.commands)
	}
	if at := m.commands[0].From.String(); at != "10.0.1.2:443" {
		t.Errorf("listens at %s", at)
	}
	if id, ok := c.announced[netip.MustParseAddrPort("198.51.100.1:8443")]; !ok || id != 2 {
		t.Errorf("announced %v", c.announced)
	}
	if id, ok := c.announced[netip.MustParseAddrPort("10.0.2.2:0")]; !ok || id != 3 {
		t.Errorf("announced %v", c.announced)
	}
	before := len(m.commands)
	m.resync()
	m.tell(Network{m.locals})
	m.run(time.Minute)
	if len(m.commands) != before {
		t.Errorf("%v", m.commands[before:])
	}
}

// TestListeners are shared, and go when no connection needs them for a while.
func TestListeners(t *testing.T) {
	m, c, nat := serve(t)
	other := m.connect(2, "10.0.0.2:443", "203.0.113.7:5001", pathmanager.ServerSideFlag)
	m.run(time.Second)
	m.disconnect(c)
	m.run(time.Hour)
	if !m.listeners[netip.MustParseAddrPort("10.0.1.2:443")] {
		t.Fatal("the listener of the other connection is gone")
	}
	m.disconnect(other)
	m.run(5 * time.Second)
	third := m.connect(3, "10.0.0.2:443", "203.0.113.7:5002", pathmanager.ServerSideFlag)
	m.run(time.Minute)
	if !m.listeners[netip.MustParseAddrPort("10.0.1.2:443")] {
		t.Fatal("the listener does not stay")
	}
	before := len(m.commands)
	m.setLocals(m.locals[0], m.locals[2]) // The announced address goes.
	m.run(time.Minute)
	if got := actions(m.commands[before:]); got != "withdraw unlisten" || m.commands[before].Local.ID != 2 || len(third.announced) != 1 {
		t.Errorf("%v, announced %v", m.commands[before:], third.announced)
	}
	before = len(m.commands)
	nat.Settings.Announce = nil
	m.setLocals(m.locals[0], m.locals[1], nat)
	m.run(time.Minute)
	if got := actions(m.commands[before:]); got != "announce" || m.commands[before].Local.Addr != nat.Addr {
		t.Errorf("%v", m.commands[before:])
	}
	m.disconnect(third)
	m.run(time.Minute)
	if _, due := m.s.Wake(); due || len(m.s.listeners) != 0 {
		t.Error("something is left")
	}
}

// TestListenRefused is tried again as long as a connection needs it, and said.
func TestListenRefused(t *testing.T) {
	s := New(&config.Config{})
	now := time.Now()
	s.Step(now, Network{[]Local{use("10.0.0.2", "eth0", 1, 1), signal(use("10.0.1.2", "wlan0", 2, 2), &config.Announcement{Port: 443})}})
	e := between(pathmanager.Established, netip.MustParseAddrPort("10.0.0.2:443"), netip.MustParseAddrPort("203.0.113.7:5000"))
	e.Token, e.ServerSide = 1, true
	commands := s.Step(now, Event{e})
	if actions(commands) != "listen announce" {
		t.Fatalf("%v", commands)
	}
	s.Step(now, Done{commands[0], syscall.EACCES})
	pending := s.Pending()
	if len(pending) != 1 || pending[0].What != "listener at 10.0.1.2:443" || pending[0].Next.IsZero() {
		t.Errorf("%+v", pending)
	}
	if again := s.Step(pending[0].Next, Tick{}); actions(again) != "listen" {
		t.Errorf("%v", again)
	}
}
