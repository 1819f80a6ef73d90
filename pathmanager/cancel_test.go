package pathmanager

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
)

func connected(t *testing.T) *Conn {
	t.Helper()
	ns := netnstest.New(t)
	conn, err := Dial(t.Context(), InNetNS(ns.Fd()))
	if errors.Is(err, ErrNotSupported) {
		netnstest.Missing(t, err.Error())
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// calls are all that the kernel is asked for.
func calls(c *Conn) map[string]func(context.Context) error {
	e := Endpoint{Addr: netip.MustParseAddr("10.0.0.1"), ID: 1}
	far := netip.MustParseAddrPort("10.0.0.9:9")
	return map[string]func(context.Context) error{
		"Endpoints":           func(ctx context.Context) error { _, err := c.Endpoints(ctx); return err },
		"Endpoint":            func(ctx context.Context) error { _, err := c.Endpoint(ctx, 1); return err },
		"AddEndpoint":         func(ctx context.Context) error { return c.AddEndpoint(ctx, e) },
		"DeleteEndpoint":      func(ctx context.Context) error { return c.DeleteEndpoint(ctx, 1, netip.Addr{}) },
		"SetFlags":            func(ctx context.Context) error { return c.SetFlags(ctx, e, Backup) },
		"Flush":               func(ctx context.Context) error { return c.Flush(ctx) },
		"Limits":              func(ctx context.Context) error { _, err := c.Limits(ctx); return err },
		"SetLimits":           func(ctx context.Context) error { return c.SetLimits(ctx, Limits{}) },
		"ChangeLimits":        func(ctx context.Context) error { return c.ChangeLimits(ctx, LimitsChange{}) },
		"ConnectionEndpoints": func(ctx context.Context) error { _, err := c.ConnectionEndpoints(ctx, 1); return err },
		"Announce":            func(ctx context.Context) error { return c.Announce(ctx, 1, e) },
		"Withdraw":            func(ctx context.Context) error { return c.Withdraw(ctx, 1, 1) },
		"CreateSubflow":       func(ctx context.Context) error { return c.CreateSubflow(ctx, 1, e, far) },
		"DestroySubflow":      func(ctx context.Context) error { return c.DestroySubflow(ctx, 1, far, far) },
		"SetPriority":         func(ctx context.Context) error { return c.SetPriority(ctx, 1, far, far, true) },
		"Features":            func(ctx context.Context) error { _, err := c.Features(ctx); return err },
	}
}

func TestCancelledCallsDoNothing(t *testing.T) {
	conn := connected(t)
	before, err := conn.Limits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(conn) {
		if err := call(cancelled); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, cancelled, = %v", name, err)
		}
	}
	list, errList := conn.Endpoints(t.Context())
	limits, errLimits := conn.Limits(t.Context())
	if err := errors.Join(errList, errLimits); err != nil || len(list) > 0 || limits != before {
		t.Errorf("cancelled calls have left %v and %+v, %v", list, limits, err)
	}
}

// TestWaitingForATurnIsCancelled has every call wait for another that does not
// end.
func TestWaitingForATurnIsCancelled(t *testing.T) {
	conn := connected(t)
	conn.turn <- struct{}{}
	var all sync.WaitGroup
	for name, call := range calls(conn) {
		if name == "Features" { // It has a connection of its own.
			continue
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s = %v, want that its time is up", name, err)
			}
		})
	}
	all.Wait()
	<-conn.turn
	if list, err := conn.Endpoints(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("then Endpoints = %v, %v", list, err)
	}
}

// TestAwaitLeavesWhatTakesLong: the kernel cannot be interrupted.
func TestAwaitLeavesWhatTakesLong(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	release := make(chan struct{})
	defer close(release)
	if n, err := await(ctx, func() (int, error) { <-release; return 1, nil }); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("await = %d, %v", n, err)
	}
}

// TestCancelledAtAnyTime cancels calls while they are under way, and holds that
// the next call gets its own answer.
func TestCancelledAtAnyTime(t *testing.T) {
	conn := connected(t)
	all := calls(conn)
	delete(all, "Features")
	ended := map[bool]int{}
	for i := range 40 {
		for name, call := range all {
			ctx, cancel := context.WithCancel(t.Context())
			stop := time.AfterFunc(time.Duration(i)*time.Microsecond, cancel)
			ended[errors.Is(call(ctx), context.Canceled)]++
			stop.Stop()
			cancel()
			want := Limits{Subflows: uint32(i % 9), AddAddrAccepted: uint32(i % 7)}
			err := conn.SetLimits(t.Context(), want)
			if got, errRead := conn.Limits(t.Context()); err != nil || errRead != nil || got != want {
				t.Fatalf("after %s Limits = %+v, %v, want %+v, %v", name, got, errRead, want, err)
			}
		}
	}
	if ended[true] == 0 || ended[false] == 0 {
		t.Errorf("calls that were cancelled in time: %v, want some of both", ended)
	}
}
