package daemon

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allroads/internal/config"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

func userspace() *config.Config {
	c := config.Default()
	c.Mode = config.Userspace
	return c
}

// connect makes a connection in the fake kernel and tells of it.
func (s *stage) connect(token pathmanager.Token, port int) {
	local, remote := fmt.Sprintf("192.0.2.1:%d", port), "203.0.113.1:80"
	s.fake.Connect(token, netip.MustParseAddrPort(local), netip.MustParseAddrPort(remote))
	s.listener.Emit(established(token, local, remote))
}

// TestUserspace: the sysctl is set, a connection gets its subflow, and all is put back.
func TestUserspace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, userspace())
		s.play(t)
		if value, _ := s.settings.sysctl(pathManagerKey); value != "userspace" {
			t.Errorf("path_manager %s", value)
		}
		s.connect(1, 1000)
		synctest.Wait()
		if got := s.fake.Subflows(1); len(got) != 2 || got[1].Local.Addr().String() != "198.51.100.1" {
			t.Errorf("subflows %+v", got)
		}
		if got := s.endpoints(t); len(got) != 0 {
			t.Errorf("endpoints %v", got)
		}
		s.stop()
		if value, _ := s.settings.sysctl(pathManagerKey); value != "kernel" {
			t.Errorf("path_manager %s after the stop", value)
		}
	})
}

// TestSysctlIsPutBackAfterKill: the next allroadsd knows what was found, and wants no
// more than mode auto.
func TestSysctlIsPutBackAfterKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, userspace())
		s.play(t)
		s.keep = true
		s.stop()
		next := newStage(t, config.Default())
		next.settings, next.system.settings, next.book = s.settings, s.settings, s.book
		var err error
		if next.record, err = next.book.read(next.place); err != nil {
			t.Fatal(err)
		}
		next.play(t)
		if value, _ := s.settings.sysctl(pathManagerKey); value != "kernel" || next.mode != config.Kernel {
			t.Errorf("path_manager %s, mode %s", value, next.mode)
		}
		next.stop()
	})
}

// TestSysctlRefused: the mode is the one that holds, and a conflict; later it is set.
func TestSysctlRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, userspace())
		s.settings.err = unix.EPERM
		s.play(t)
		var mode config.Mode
		var conflicts []string
		s.ask(t.Context(), func() { mode, conflicts = s.mode, s.conflicts })
		if mode != config.Kernel || len(conflicts) != 1 {
			t.Errorf("mode %s, conflicts %q", mode, conflicts)
		}
		time.Sleep(time.Minute)
		s.ask(t.Context(), func() { mode, conflicts = s.mode, s.conflicts })
		if mode != config.Userspace || len(conflicts) != 0 {
			t.Errorf("mode %s, conflicts %q after a minute", mode, conflicts)
		}
		s.stop()
	})
}

// TestEventsLost: connections whose events were lost are managed all the same.
func TestEventsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, userspace())
		s.play(t)
		const n = 100
		for token := pathmanager.Token(1); token <= n; token++ {
			local := fmt.Sprintf("192.0.2.1:%d", 1000+token)
			s.fake.Connect(token, netip.MustParseAddrPort(local), netip.MustParseAddrPort("203.0.113.1:80"))
			c := socket(uint32(token), local, "203.0.113.1:80")
			c.Subflows[0].Flags = sockdiag.FullyEstablished
			s.sockets.list = append(s.sockets.list, c)
		}
		s.listener.Emit(pathmanager.Event{Type: pathmanager.Loss, Time: time.Now()})
		time.Sleep(time.Second)
		for token := pathmanager.Token(1); token <= n; token++ {
			if got := s.fake.Subflows(token); len(got) != 2 {
				t.Fatalf("connection %s has subflows %+v", token, got)
			}
		}
		s.ask(t.Context(), func() {})
		if s.losses.Events != 1 || s.losses.Resyncs != 1 || !strings.Contains(s.log.String(), "events of the path manager were lost") {
			t.Errorf("%+v", s.losses)
		}
		s.stop()
	})
}

// TestListingFails: it is tried again.
func TestListingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, userspace())
		s.sockets.err = errTest
		c := socket(1, "192.0.2.1:1000", "203.0.113.1:80")
		c.Subflows[0].Flags = sockdiag.FullyEstablished
		s.fake.Connect(1, c.Local, c.Remote)
		s.sockets.list = append(s.sockets.list, c)
		s.play(t)
		time.Sleep(250 * time.Millisecond)
		s.sockets.mutex.Lock()
		s.sockets.err = nil
		s.sockets.mutex.Unlock()
		time.Sleep(time.Second)
		if got := s.fake.Subflows(1); len(got) != 2 {
			t.Errorf("subflows %+v", got)
		}
		s.stop()
	})
}

// TestLookupsAreFew: many connections to one peer take one look at the routes, until the
// network changes; and what has no route waits for that.
func TestLookupsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, userspace())
		s.routes.none = true
		s.play(t)
		for i := range 50 {
			s.connect(pathmanager.Token(i+1), 1000+i)
		}
		time.Sleep(time.Hour)
		before := s.routes.count()
		if before > 200 || len(s.fake.Subflows(1)) != 1 {
			t.Errorf("%d lookups, subflows %+v", before, s.fake.Subflows(1))
		}
		s.routes.mutex.Lock()
		s.routes.none = false
		s.routes.mutex.Unlock()
		s.network.change(false, func(p *rtnl.Picture) { p.Defaults = append(p.Defaults, p.Defaults[0]) })
		synctest.Wait()
		for i := range 50 {
			if got := s.fake.Subflows(pathmanager.Token(i + 1)); len(got) != 2 {
				t.Fatalf("connection %d has subflows %+v", i+1, got)
			}
		}
		if n := s.routes.count() - before; n > 2 {
			t.Errorf("%d lookups for 50 connections to one peer", n)
		}
		s.stop()
	})
}

// TestModeChanges: a reload that leaves the userspace mode puts all in its place.
func TestModeChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, userspace())
		s.play(t)
		s.ask(t.Context(), func() { s.configure(config.Default()) })
		if got := s.endpoints(t); len(got) != 2 {
			t.Errorf("endpoints %v in kernel mode", got)
		}
		s.ask(t.Context(), func() { s.configure(userspace()) })
		if got := s.endpoints(t); len(got) != 0 {
			t.Errorf("endpoints %v in userspace mode", got)
		}
		s.stop()
	})
}

// TestListenersEnd: sockets for announced ports are closed on stop.
func TestListenersEnd(t *testing.T) {
	closed := false
	u := &userPaths{w: newStage(t, userspace()).worker, listeners: map[netip.AddrPort]io.Closer{}}
	u.w.system.listen = fakeListen(&closed)
	at := netip.MustParseAddrPort("192.0.2.1:8443")
	if err := u.listenAt(at); err != nil || closed {
		t.Fatal(err, closed)
	}
	if u.stop(time.Now()); !closed || len(u.listeners) != 0 {
		t.Errorf("closed %t, left %d", closed, len(u.listeners))
	}
}
