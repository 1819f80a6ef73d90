package rtnl_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// TestNextSleeps: what is no part of the Picture does not end it.
func TestNextSleeps(t *testing.T) {
	t.Parallel()
	h, _, _ := crossroads(t)
	ip(t, h.NS, "route add default via 10.0.1.2")
	o := observe(t, h.NS)
	for changed := true; changed; {
		changed, _ = next(t, o, 2*time.Second) // Link-local addresses come late.
	}
	ip(t, h.NS, "route add 192.0.2.0/24 via 10.0.1.2", "route del 192.0.2.0/24", "-6 route add 2001:db8::/64 via fd00:1::2",
		"route get 10.0.1.7", "neigh add 10.0.1.77 lladdr 02:00:00:00:00:01 dev one", "link set one txqueuelen 500", "link set one alias uplink",
		"link set one address 02:00:00:00:00:02", "addr change 10.0.1.1/24 dev one")
	if changed, _ := next(t, o, 300*time.Millisecond); changed {
		t.Errorf("Next is over; the picture is\n%v", byPicture(o.Picture()))
	}
	ip(t, h.NS, "route replace default via 10.0.1.3")
	if changed, lost := next(t, o, 5*time.Second); !changed || lost {
		t.Errorf("after a change Next says changed %v, lost %v", changed, lost)
	}
	if p := o.Picture(); len(p.Defaults) != 1 || p.Defaults[0].Via != netip.MustParseAddr("10.0.1.3") {
		t.Errorf("default routes %v", p.Defaults)
	}
}

func TestNextEnds(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	o := observe(t, h.NS)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := o.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ends: %v", err)
	}
	if _, err := o.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	must(t, h.SetUp("lo"))
	if changed, _ := next(t, o, 5*time.Second); !changed {
		t.Error("nothing is heard after a context has ended")
	}
	time.AfterFunc(20*time.Millisecond, func() { o.Close() })
	for {
		if _, err := o.Next(t.Context()); errors.Is(err, rtnl.ErrClosed) {
			break
		} else if err != nil {
			t.Fatalf("with Close: %v", err)
		}
	}
	if _, err := o.Next(t.Context()); !errors.Is(err, rtnl.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	must(t, o.Close())
	if p := o.Picture(); len(p.Links) != 1 {
		t.Errorf("the last picture has %d links", len(p.Links))
	}
}

func TestObserveNothing(t *testing.T) {
	t.Parallel()
	gone := netnstest.New(t)
	gone.Close()
	if _, err := rtnl.Observe(gone.Fd()); !errors.Is(err, unix.EBADF) || !strings.Contains(err.Error(), "observe the network") {
		t.Errorf("a namespace that is closed: %v", err)
	}
}

// batch has ip(8) run many commands in one process.
func batch(t testing.TB, h host, commands string) {
	t.Helper()
	path := t.TempDir() + "/batch"
	must(t, os.WriteFile(path, []byte(commands), 0o600))
	netnstest.Output(t, h.NS, "ip -force -batch "+path)
}

// TestLost fills a small buffer: it is said, counted, and the Picture is right.
func TestLost(t *testing.T) {
	t.Parallel()
	h, _, _ := crossroads(t)
	o, err := rtnl.ObserveIn(h.Fd(), 2048)
	must(t, err)
	t.Cleanup(func() { o.Close() })
	agree(t, h.NS, o)
	if o.Losses() != 0 {
		t.Fatalf("%d losses before any change", o.Losses())
	}
	for round := range 3 {
		var flood strings.Builder
		for n := range 500 {
			fmt.Fprintf(&flood, "addr add 10.%d.%d.%d/32 dev one\n", 100+round, n/250, n%250+1)
		}
		fmt.Fprintf(&flood, "addr del 10.%d.1.1/32 dev one\nroute add default via 10.0.1.2 metric %d\n", 100+round, round+1)
		batch(t, h, flood.String())
		_, lost := next(t, o, 5*time.Second)
		if !lost || o.Losses() == 0 {
			t.Errorf("round %d: lost %v, %d losses", round, lost, o.Losses())
		}
		if got := len(o.Picture().Addresses); got < 499*(round+1) {
			t.Errorf("%d addresses", got)
		}
		agree(t, h.NS, o)
	}
}

// TestLostNothing: with the buffer that it has, the same is heard message by message.
func TestLostNothing(t *testing.T) {
	t.Parallel()
	h, one, _ := crossroads(t)
	o := observe(t, h.NS)
	if got := o.ReceiveBuffer(); got < 16<<20 && os.Getuid() == 0 {
		t.Logf("receive buffer of %d bytes", got)
	}
	var flood strings.Builder
	for n := range 500 {
		fmt.Fprintf(&flood, "addr add 10.100.%d.%d/32 dev one\n", n/250, n%250+1)
	}
	batch(t, h, flood.String())
	agree(t, h.NS, o)
	found := 0
	for _, a := range o.Picture().Addresses {
		if a.Link == one && a.Prefix.Bits() == 32 {
			found++
		}
	}
	if found != 500 {
		t.Errorf("%d addresses of 500", found)
	}
	ip(t, h.NS, "addr flush dev one")
	agree(t, h.NS, o)
}

// manyRoutes are others' routes, which are no part of the Picture.
func manyRoutes(t testing.TB, h host, n int, rest string) {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "route add 20.%d.%d.0/24 %s\n", i>>8, i&255, rest)
	}
	batch(t, h, b.String())
}

// TestNextWhileItChanges reads each message at once, when the kernel has not done yet
// what it tells of: with many routes it takes its time.
func TestNextWhileItChanges(t *testing.T) {
	t.Parallel()
	h, one, _ := crossroads(t)
	manyRoutes(t, h, 10000, "via 10.0.2.2 metric 2")
	o := observe(t, h.NS)
	ctx, cancel := context.WithCancel(t.Context())
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		for err == nil {
			_, err = o.Next(ctx)
		}
	}()
	address, via := netip.MustParsePrefix("10.0.1.1/24"), netip.MustParseAddr("10.0.1.2")
	ours := rtnl.Route{To: netip.MustParsePrefix("192.0.2.0/24"), Via: via, Link: one, Protocol: rtnl.Protocol}
	for round := range 12 {
		must(t, h.AddRoute(rtnl.Route{Via: via}), h.AddRoute(ours))
		own := func(n int) {
			t.Helper()
			for end := time.Now().Add(5 * time.Second); len(o.Picture().Own) != n || len(o.Picture().Defaults) != n; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("round %d: ip prints\n%v\nthe picture is\n%v", round, byIP(t, h.NS), byPicture(o.Picture()))
				}
			}
		}
		own(1)
		if round%2 == 0 {
			must(t, h.SetDown("one"))
			own(0)
			must(t, h.SetUp("one"))
		} else {
			netnstest.Output(t, h.NS, "ip addr del 10.0.1.1/24 dev one")
			own(0)
			must(t, h.AddAddress("one", address))
		}
	}
	cancel()
	<-done
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	agree(t, h.NS, o)
}
