package mptcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

var (
	loopback4 = netip.MustParseAddrPort("127.0.0.1:0")
	loopback6 = netip.MustParseAddrPort("[::1]:0")
)

// soon is a context for what a loopback does in no time.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// requireMPTCP skips a test on a system without MPTCP, or without means to read
// what became of it.
func requireMPTCP(t testing.TB) {
	t.Helper()
	if err := probeInfo(); errors.Is(err, ErrNotSupported) {
		netnstest.Missing(t, err.Error())
	} else if err != nil {
		t.Fatal(err)
	}
}

// loopbacks are the loopback addresses of this machine: some have no IPv6.
func loopbacks(t testing.TB) []netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp6", loopback6.String())
	if err != nil {
		t.Logf("without IPv6: %v", err)
		return []netip.AddrPort{loopback4}
	}
	l.Close()
	return []netip.AddrPort{loopback4, loopback6}
}

// listenAt listens on an address until the test ends.
func listenAt(t testing.TB, at netip.AddrPort) *Listener {
	t.Helper()
	requireMPTCP(t)
	l, err := Listen(soon(t), at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// listenIn listens inside a namespace until the test ends.
func listenIn(t testing.TB, ns *netns.NS) (l *Listener) {
	t.Helper()
	requireMPTCP(t)
	ctx := soon(t)
	if err := ns.Do(func() (err error) {
		l, err = Listen(ctx, loopback4)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// connectAt makes both ends of a connection over a loopback address.
func connectAt(t testing.TB, at netip.AddrPort) (client, server *Conn) {
	t.Helper()
	requireMPTCP(t)
	p := newPair(soon(t), at)
	t.Cleanup(p.close)
	if p.err != nil {
		t.Fatal(p.err)
	}
	return p.client, p.server
}

// connectIn is connectAt in a namespace.
func connectIn(t testing.TB, ns *netns.NS, at netip.AddrPort) (client, server *Conn) {
	t.Helper()
	requireMPTCP(t)
	ctx := soon(t)
	var p pair
	err := ns.Do(func() error {
		p = newPair(ctx, at)
		return p.err
	})
	t.Cleanup(p.close)
	if err != nil {
		t.Fatal(err)
	}
	return p.client, p.server
}

// pair is a connection. Its listener stays: joins knock there.
type pair struct {
	listener       *Listener
	client, server *Conn
	err            error
}

func newPair(ctx context.Context, at netip.AddrPort) (p pair) {
	if p.listener, p.err = Listen(ctx, at); p.err != nil {
		return p
	}
	if p.client, p.err = new(Dialer).Dial(ctx, p.listener.AddrPort()); p.err != nil {
		return p
	}
	p.server, p.err = p.listener.Accept()
	return p
}

func (p *pair) close() {
	if p.server != nil {
		p.server.Close()
	}
	if p.client != nil {
		p.client.Close()
	}
	if p.listener != nil {
		p.listener.Close()
	}
}

// exchange sends text one way and back, and fails if it changes on the way.
func exchange(t testing.TB, client, server io.ReadWriter, text string) {
	t.Helper()
	pass(t, client, server, text)
	pass(t, server, client, text)
}

func pass(t testing.TB, from io.Writer, to io.Reader, text string) {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(from, text)
		sent <- err
	}()
	got := make([]byte, len(text))
	if _, err := io.ReadFull(to, got); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if string(got) != text {
		t.Fatalf("received %d bytes that differ from those sent", len(got))
	}
}

// settle waits until the last acknowledgements are through, so that two looks at
// a connection see the same.
func settle(t testing.TB, ends ...*Conn) {
	t.Helper()
	for _, end := range ends {
		before := subflowsOf(t, end)
		for range 100 {
			time.Sleep(60 * time.Millisecond) // A late acknowledgement takes 40 ms.
			now := subflowsOf(t, end)
			if cmp.Equal(before, now, equateAddrs) {
				break
			}
			before = now
		}
	}
}

func subflowsOf(t testing.TB, c *Conn) []Subflow {
	t.Helper()
	subflows, err := c.Subflows()
	if err != nil {
		t.Fatal(err)
	}
	return subflows
}
