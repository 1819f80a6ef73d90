package tap_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/capture"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
	"allroads/internal/tap"
	"allroads/trace"
)

// notices collects what a tap tells.
type notices struct {
	mu   sync.Mutex
	said []string
}

func (n *notices) add(notice tap.Notice) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, notice.String())
}

// await waits until something was said, behind what was said before.
func (n *notices) await(t *testing.T, what string) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		n.mu.Lock()
		at := slices.Index(n.said, what)
		said := slices.Clone(n.said)
		if at >= 0 {
			n.said = slices.Delete(n.said, at, at+1)
		}
		n.mu.Unlock()
		if at >= 0 {
			return
		}
		if time.Since(start) > patience {
			t.Fatalf("not said: %s; but %q", what, said)
		}
	}
}

func open(t testing.TB, o tap.Options) (*tap.Tap, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	tapped, err := tap.Open(ctx, o)
	must(t, err)
	t.Cleanup(func() { cancel(); tapped.Close() })
	return tapped, cancel
}

// next reads packets until one with a text, and tells its interface.
func next(t *testing.T, tapped *tap.Tap, text string) string {
	t.Helper()
	var p trace.Packet
	for {
		must(t, tapped.Next(&p))
		if p.Link != trace.Ethernet || p.Length < len(p.Data) || time.Since(time.Unix(0, p.Time)).Abs() > time.Minute {
			t.Errorf("%+v", p)
		}
		if bytes.Contains(p.Data, []byte(text)) {
			return tapped.Interfaces()[p.Interface]
		}
	}
}

func TestTap(t *testing.T) {
	a, b := pair(t, 2)
	sink(t, b, "10.0.0.2:7000")
	sink(t, b, "10.0.1.2:7000")
	tapped, cancel := open(t, tap.Options{Namespace: b, Interfaces: []string{"b1", "b0"}})
	if names := tapped.Interfaces(); !slices.Equal(names, []string{"b1", "b0"}) {
		t.Errorf("interfaces %v", names)
	}
	send(t, sender(t, a, "10.0.0.2:7000"), 1, 1, 100)
	if at := next(t, tapped, "00000001"); at != "b0" {
		t.Errorf("on %s", at)
	}
	send(t, sender(t, a, "10.0.1.2:7000"), 2, 1, 100)
	if at := next(t, tapped, "00000002"); at != "b1" {
		t.Errorf("on %s", at)
	}
	// What was captured before the end comes before io.EOF.
	send(t, sender(t, a, "10.0.1.2:7000"), 3, 1, 100)
	cancel()
	var p trace.Packet
	var err error
	for seen := 0; err == nil; seen++ {
		if err = tapped.Next(&p); err == nil && seen > 10 {
			t.Fatal("no end")
		}
	}
	if err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	if n := tapped.Drops(); n != 0 {
		t.Errorf("%d drops", n)
	}
}

// TestTapWaits: the end of the context wakes who waits.
func TestTapWaits(t *testing.T) {
	tapped, cancel := open(t, tap.Options{Namespace: quiet(t), Interfaces: []string{"lo"}})
	time.AfterFunc(50*time.Millisecond, cancel)
	var p trace.Packet
	if err := tapped.Next(&p); err != io.EOF {
		t.Errorf("%v", err)
	}
}

func TestTapFilter(t *testing.T) {
	a, b := pair(t, 1)
	f, err := tap.ParseFilter("net 10.0.0.0/24 and port 7000")
	must(t, err)
	tapped, cancel := open(t, tap.Options{Namespace: b, Interfaces: []string{"b0"}, Filter: f, SnapLen: 118})
	sink(t, b, "10.0.0.2:7000")
	send(t, sender(t, a, "10.0.0.2:7000"), 1, 10, 100)
	out, err := netnstest.Run(t, a, "bash -c exec</dev/tcp/10.0.0.2/7000")
	if err == nil {
		t.Fatalf("connected: %s", out)
	}
	time.AfterFunc(100*time.Millisecond, cancel)
	var p trace.Packet
	var s trace.Segment
	count := 0
	for tapped.Next(&p) == nil {
		if err := s.Decode(&p); err != nil || s.Dst.Port() != 7000 && s.Src.Port() != 7000 {
			t.Errorf("%v: %x", err, p.Data)
		}
		count++
	}
	if count != 2 { // SYN and RST
		t.Errorf("%d packets", count)
	}
}

// TestTapNotices takes cables down and away, until none is left.
func TestTapNotices(t *testing.T) {
	a, b := pair(t, 2)
	var said notices
	tapped, _ := open(t, tap.Options{Namespace: b, Interfaces: []string{"b0", "b1"}, Notice: said.add})
	sink(t, b, "10.0.1.2:7000")
	with(t, b, func(c *rtnl.Conn) error { return c.SetDown("b0") })
	said.await(t, "b0 is down")
	send(t, sender(t, a, "10.0.1.2:7000"), 1, 1, 100)
	if at := next(t, tapped, "00000001"); at != "b1" {
		t.Errorf("on %s", at)
	}
	with(t, b, func(c *rtnl.Conn) error { return c.SetUp("b0") })
	said.await(t, "b0 is up again")
	sink(t, b, "10.0.0.2:7000")
	send(t, sender(t, a, "10.0.0.2:7000"), 2, 1, 100)
	if at := next(t, tapped, "00000002"); at != "b0" {
		t.Errorf("on %s", at)
	}
	with(t, a, func(c *rtnl.Conn) error { return c.SetDown("a1") })
	said.await(t, "b1 is down") // It has no carrier.
	with(t, a, func(c *rtnl.Conn) error { return c.DelLink("a1") })
	said.await(t, "b1 is gone")
	with(t, b, func(c *rtnl.Conn) error { return c.DelLink("b0") })
	said.await(t, "b0 is gone")
	var p trace.Packet
	var err error
	for err == nil {
		err = tapped.Next(&p)
	}
	if !errors.Is(err, tap.ErrNoInterface) {
		t.Errorf("at the end: %v", err)
	}
	said.mu.Lock()
	defer said.mu.Unlock()
	if len(said.said) > 1 || len(said.said) == 1 && said.said[0] != "b0 is down" {
		t.Errorf("also said: %q", said.said)
	}
}

// TestTapAll captures on interfaces that come later.
func TestTapAll(t *testing.T) {
	a, b := pair(t, 1)
	_, noTun := netnstest.Run(t, b, "ip tuntap add tun0 mode tun") // It takes /dev/net/tun.
	var said notices
	tapped, _ := open(t, tap.Options{Namespace: b, Notice: said.add})
	if noTun == nil {
		said.await(t, "tun0 is left out: it has no Ethernet frames")
	}
	if names := tapped.Interfaces(); !slices.Equal(names, []string{"lo", "b0"}) {
		t.Errorf("interfaces %v", names)
	}
	lay(t, a, b, 3)
	said.await(t, "b3 has come")
	sink(t, b, "10.0.3.2:7000")
	for i, ns := range []*netns.NS{a, b} { // over the cable, then over lo
		send(t, sender(t, ns, "10.0.3.2:7000"), i, 1, 100)
		if at, want := next(t, tapped, fmt.Sprintf("%08d", i)), []string{"b3", "lo"}[i]; at != want {
			t.Errorf("packet %d on %s, want %s", i, at, want)
		}
	}
	if names := tapped.Interfaces(); !slices.Equal(names, []string{"lo", "b0", "b3"}) {
		t.Errorf("interfaces %v", names)
	}
	with(t, b, func(c *rtnl.Conn) error { return c.DelLink("b3") })
	said.await(t, "b3 is gone")
	if noTun == nil {
		netnstest.Output(t, b, "ip tuntap add tun1 mode tun")
		said.await(t, "tun1 is left out: it has no Ethernet frames")
	}
}

func TestTapErrors(t *testing.T) {
	ns := quiet(t)
	for want, o := range map[string]tap.Options{
		"find interface eth7: no such device (there are lo)": {Interfaces: []string{"eth7"}},
		"no interface given": {Interfaces: []string{}},
		"snap length -1":     {SnapLen: -1},
	} {
		o.Namespace = ns
		tapped, err := tap.Open(t.Context(), o)
		if err == nil {
			tapped.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestTapAllocatesNothing for a packet.
func TestTapAllocatesNothing(t *testing.T) {
	a, b := pair(t, 1)
	sink(t, b, "10.0.0.2:7000")
	tapped, _ := open(t, tap.Options{Namespace: b, Interfaces: []string{"b0"}, Filter: capture.Filter{}})
	c, data := sender(t, a, "10.0.0.2:7000"), make([]byte, 100)
	var p trace.Packet
	allocated := testing.AllocsPerRun(200, func() {
		if _, err := c.Write(data); err != nil {
			t.Error(err)
		}
		if err := tapped.Next(&p); err != nil {
			t.Error(err)
		}
	})
	if allocated > 0 {
		t.Errorf("%v allocations a packet", allocated)
	}
}
