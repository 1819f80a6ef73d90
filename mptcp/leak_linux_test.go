package mptcp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openFiles counts this process's descriptors, with the one for counting.
func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// lowest is the least of a number over a while: accepted connections are closed
// by another goroutine. It looks no further once it has seen what is hoped for.
func lowest(count func() int, hope int) int {
	least := count()
	for range 50 {
		if least <= hope {
			break
		}
		time.Sleep(5 * time.Millisecond)
		least = min(least, count())
	}
	return least
}

// Not parallel: descriptors of other tests would be counted.
func TestNoLeak(t *testing.T) {
	requireMPTCP(t)
	ns, hole := blackHole(t)
	ctx := soon(t)
	l := listenIn(t, ns)
	go closeAll(l)

	// The first connection makes the runtime open its poller.
	if err := dialIn(ns, ctx, new(Dialer), l.AddrPort()); err != nil {
		t.Fatal(err)
	}
	files, goroutines := lowest(func() int { return openFiles(t) }, 0), lowest(runtime.NumGoroutine, 0)
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // It would close forgotten files.
	err := ns.Do(func() error { return dialOften(ctx, l.AddrPort(), hole) })
	if err != nil {
		t.Fatal(err)
	}
	if now := lowest(func() int { return openFiles(t) }, files); now > files {
		t.Errorf("%d descriptors before, %d after", files, now)
	}
	if now := lowest(runtime.NumGoroutine, goroutines); now > goroutines {
		t.Errorf("%d goroutines before, %d after", goroutines, now)
	}
}

func closeAll(l *Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		c.Close()
	}
}

// dialOften ends a thousand dials well and as many in every other way.
func dialOften(ctx context.Context, server, hole netip.AddrPort) error {
	nobody := netip.AddrPortFrom(server.Addr(), 1)
	race := []Source{{Interface: "nowhere"}, {Addr: netip.MustParseAddr("127.0.0.3")}, {}, {Interface: "lo"}}
	won := Dialer{Race: race, RaceDelay: time.Nanosecond}
	lost := Dialer{Race: race, RaceDelay: time.Nanosecond, Timeout: time.Millisecond}
	taken := netip.MustParseAddrPort("192.0.2.1:0")
	ends := []struct {
		times int
		want  error
		dial  func() error
	}{
		{1000, nil, func() error { return dialClose(ctx, Dialer{}, server) }},
		{1000, unix.ECONNREFUSED, func() error { return dialClose(ctx, Dialer{}, nobody) }},
		{100, unix.EADDRNOTAVAIL, func() error { return dialClose(ctx, Dialer{LocalAddr: taken}, server) }},
		{100, context.DeadlineExceeded, func() error { return dialClose(ctx, Dialer{Timeout: time.Millisecond}, hole) }},
		{300, nil, func() error { return dialClose(ctx, won, server) }},
		{100, unix.ECONNREFUSED, func() error { return dialClose(ctx, won, nobody) }},
		{100, context.DeadlineExceeded, func() error { return dialClose(ctx, lost, hole) }},
		{100, unix.EADDRINUSE, func() error { return listenClose(ctx, server) }},
		{100, nil, func() error { return listenClose(ctx, loopback4) }},
	}
	for i, end := range ends {
		for n := range end.times {
			if err := end.dial(); !errors.Is(err, end.want) {
				return fmt.Errorf("way %d, time %d: %w", i, n, err)
			}
		}
	}
	return nil
}

func dialClose(ctx context.Context, d Dialer, to netip.AddrPort) error {
	c, err := d.Dial(ctx, to)
	if err != nil {
		return err
	}
	if _, err := c.Subflows(); err != nil && !errors.Is(err, ErrNotMPTCP) {
		return err
	}
	return c.Close()
}

func listenClose(ctx context.Context, at netip.AddrPort) error {
	l, err := Listen(ctx, at)
	if err != nil {
		return err
	}
	return l.Close()
}
