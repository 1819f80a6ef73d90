package daemon

import (
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"allroads/internal/config"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// TestConverges refuses each call some times, with each error, and expects that what is
// wanted comes about in the end, that nothing is left after the stop, and that the log
// tells of each cause once.
func TestConverges(t *testing.T) {
	for _, method := range []string{"Endpoints", "AddEndpoint", "DeleteEndpoint", "Limits", "SetLimits"} {
		for _, errno := range []syscall.Errno{syscall.EPERM, syscall.ENOBUFS, syscall.ENODEV, syscall.EBUSY} {
			t.Run(method+" "+errno.Error(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { converges(t, method, errno) })
			})
		}
	}
}

func converges(t *testing.T, method string, errno syscall.Errno) {
	s := newStage(t, config.Default())
	var calls, refused atomic.Int32
	s.fake.Refuse = func(called string) error {
		if called == method && calls.Add(1) <= 5 {
			refused.Add(1)
			return &pathmanager.Error{Errno: errno}
		}
		return nil
	}
	s.play(t)
	s.network.change(false, func(p *rtnl.Picture) { p.Addresses = p.Addresses[:1] })
	time.Sleep(time.Minute)
	if got := s.endpoints(t); !slices.Equal(got, both[:1]) {
		t.Errorf("endpoints %v after a minute, want %v", got, both[:1])
	}
	s.network.change(false, func(p *rtnl.Picture) {
		p.Addresses = append(p.Addresses, rtnl.Address{Link: 3, Prefix: netipPrefix("198.51.100.1/24"), Preferred: -1, Valid: -1})
	})
	time.Sleep(3 * time.Minute)
	if got := s.endpoints(t); !slices.Equal(got, both) {
		t.Errorf("endpoints %v at last, want %v", got, both)
	}
	if method != "DeleteEndpoint" && refused.Load() == 0 {
		t.Error("nothing was refused")
	}
	s.ask(t.Context(), func() {
		if len(s.tries) != 0 {
			t.Errorf("still to be tried: %v", s.tries)
		}
	})
	s.stop()
	if n := strings.Count(s.log.String(), "msg=refused"); n > 3 {
		t.Errorf("the log tells of refusals %d times:\n%s", n, s.log)
	}
	if left := s.endpoints(t); len(left) != 0 {
		t.Errorf("left after the stop: %v", left)
	}
	if r, err := s.book.read(s.place); err != nil || !r.empty() {
		t.Errorf("left in the file: %+v, %v", r, err)
	}
}

// TestMPTCPDisabled: it is told where no connection can be made at all.
func TestMPTCPDisabled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		s.settings.values[enabledKey] = "0"
		s.play(t)
		s.ask(t.Context(), func() {
			if len(s.conflicts) != 1 || !strings.Contains(s.conflicts[0], "net.mptcp.enabled is 0") {
				t.Errorf("conflicts %q", s.conflicts)
			}
		})
		s.settings.setSysctl(enabledKey, "1")
		s.ask(t.Context(), func() {
			if s.refresh(time.Now()); len(s.conflicts) != 0 {
				t.Errorf("conflicts %q", s.conflicts)
			}
		})
		s.stop()
	})
}
