package pathmanager_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"

	"golang.org/x/sys/unix"
)

func TestDialCancelled(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if conn, err := pathmanager.Dial(cancelled); !errors.Is(err, context.Canceled) || conn != nil {
		t.Errorf("Dial = %v, %v, want context.Canceled", conn, err)
	}
	late, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if conn, err := pathmanager.Dial(late); !errors.Is(err, context.DeadlineExceeded) || conn != nil {
		t.Errorf("Dial = %v, %v, want context.DeadlineExceeded", conn, err)
	}
}

func TestDialInClosedNamespace(t *testing.T) {
	ns := netnstest.New(t)
	ns.Close()
	_, err := pathmanager.Dial(context.Background(), pathmanager.InNetNS(ns.Fd()))
	if !errors.Is(err, unix.EBADF) || !strings.Contains(err.Error(), "open generic netlink socket") {
		t.Errorf("Dial = %v, want EBADF that says what was tried", err)
	}
}

func TestDialInThreadsNamespace(t *testing.T) {
	ns, inside := dial(t)
	limits := pathmanager.Limits{Subflows: 7, AddAddrAccepted: 6}
	must(t, inside.SetLimits(t.Context(), limits))
	var own *pathmanager.Conn
	must(t, ns.Do(func() (err error) {
		own, err = pathmanager.Dial(context.Background())
		return err
	}))
	defer own.Close()
	if got, err := own.Limits(t.Context()); err != nil || got != limits {
		t.Errorf("Limits = %+v, %v, want the thread's namespace's %+v", got, err, limits)
	}
}

// TestConnOutlivesTheNamespacesFile also holds that the descriptor is not used
// after Dial.
func TestConnOutlivesTheNamespacesFile(t *testing.T) {
	ns, conn := dial(t)
	must(t, conn.SetLimits(t.Context(), pathmanager.Limits{Subflows: 6}), ns.Close())
	if got, err := conn.Limits(t.Context()); err != nil || got.Subflows != 6 {
		t.Errorf("Limits = %+v, %v, want what was set", got, err)
	}
}

func TestClosedConn(t *testing.T) {
	_, conn := dial(t)
	must(t, conn.Close())
	if _, err := conn.Limits(t.Context()); !errors.Is(err, unix.EBADF) || !strings.HasPrefix(err.Error(), "read limits: ") {
		t.Errorf("Limits of a closed Conn: %v, want EBADF", err)
	}
	if _, err := conn.Endpoints(t.Context()); !errors.Is(err, unix.EBADF) || !strings.HasPrefix(err.Error(), "list endpoints: ") {
		t.Errorf("Endpoints of a closed Conn: %v, want EBADF", err)
	}
}

// TestAtOnce uses one connection from several goroutines, with refusals among
// the requests.
func TestAtOnce(t *testing.T) {
	_, conn := dial(t)
	var all sync.WaitGroup
	for i := range 8 {
		endpoint := pathmanager.Endpoint{Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), ID: uint8(i + 1)}
		all.Go(func() {
			if err := conn.AddEndpoint(t.Context(), endpoint); err != nil {
				t.Error(err)
			}
			for range 20 {
				list, err := conn.Endpoints(t.Context())
				if err != nil || len(list) == 0 {
					t.Errorf("Endpoints = %v, %v", list, err)
				}
				if err := conn.AddEndpoint(t.Context(), endpoint); !errors.Is(err, unix.EEXIST) && !errors.Is(err, unix.ERANGE) && !errors.Is(err, unix.EBUSY) {
					t.Errorf("the same endpoint again: %v", err)
				}
				if _, err := conn.Limits(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if list := endpoints(t, conn); len(list) != 8 {
		t.Errorf("endpoints %v, want 8", list)
	}
}
