package netcat_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/netcat"
	"allroads/internal/netns/netnstest"
)

// TestIPv6 speaks IPv6 only, with ncat at either end.
func TestIPv6(t *testing.T) {
	for name, ncat := range peers {
		t.Run("connect-"+name, func(t *testing.T) {
			t.Parallel()
			p, n := newPlace(t), &notes{}
			var got bytes.Buffer
			peer := p.start(nil, &got, append(ncat, "-6", "-l", "9000")...)
			p.listening(9000)
			c := allowTCP(9000)
			c.Host, c.Family, c.From, c.FromPort = "::1", netcat.IPv6, netip.MustParseAddr("::1"), 9001
			finish(t, p.client(soon(t), c, netcat.Options{Input: strings.NewReader("six"), Output: &got, Observer: n.observer()}))
			wait(t, peer)
			s := n.summaries[0]
			if got.String() != "six" || s.Local.String() != "[::1]:9001" || s.Remote.String() != "[::1]:9000" {
				t.Errorf("%q came, from %s to %s", &got, s.Local, s.Remote)
			}
		})
		t.Run("listen-"+name, func(t *testing.T) {
			t.Parallel()
			p, n := newPlace(t), &notes{}
			var got buffer
			server := p.server(soon(t), netcat.Server{Port: 9000, Family: netcat.IPv6}, netcat.Options{Input: strings.NewReader(""), Output: &got, Observer: n.observer()})
			expectPeer(t, ended(t, p.client(soon(t), to(9000), quiet)), "connection refused")
			wait(t, p.start(strings.NewReader("six"), nil, append(ncat, "-6", "::1", "9000")...))
			finish(t, server)
			if s := n.summaries[0]; got.String() != "six" || s.Remote.Addr().String() != "::1" {
				t.Errorf("%q came, from %s", got.String(), s.Remote)
			}
		})
	}
}

// TestV4Mapped: a listener for all takes IPv4, too, and names it as such.
func TestV4Mapped(t *testing.T) {
	p, n := newPlace(t), &notes{}
	server := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: strings.NewReader(""), Output: &buffer{}, Observer: n.observer()})
	wait(t, p.start(strings.NewReader(""), nil, "ncat", "-s", "127.0.0.5", "-p", "9001", "127.0.0.1", "9000"))
	finish(t, server)
	if s := n.summaries[0]; s.Remote.String() != "127.0.0.5:9001" || s.Local.String() != "127.0.0.1:9000" {
		t.Errorf("from %s to %s", s.Remote, s.Local)
	}
}

// TestSource connects from an address and a port: a program at the other end is told.
func TestSource(t *testing.T) {
	p := newPlace(t)
	peer := p.start(nil, nil, "ncat", "-l", "9000", "-c", "echo $NCAT_REMOTE_ADDR $NCAT_REMOTE_PORT")
	p.listening(9000)
	c := allowTCP(9000)
	c.From, c.FromPort = netip.MustParseAddr("127.0.0.5"), 9001
	var got bytes.Buffer
	finish(t, p.client(soon(t), c, netcat.Options{RecvOnly: true, Output: &got}))
	wait(t, peer)
	if got.String() != "127.0.0.5 9001\n" {
		t.Errorf("the peer sees %q", &got)
	}
}

// TestSourceAgain uses a port again that is in TIME-WAIT, as this end closes first.
func TestSourceAgain(t *testing.T) {
	p := newPlace(t)
	for range 2 {
		server := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: strings.NewReader(""), Output: &buffer{}})
		c := to(9000)
		c.FromPort = 9001
		finish(t, p.client(soon(t), c, netcat.Options{Input: strings.NewReader("x"), Output: &buffer{}, SendOnly: true}))
		finish(t, server)
		if w := netnstest.Output(t, p.ns, "ss -tanH state time-wait sport = :9001"); !strings.Contains(w, ":9001 ") {
			t.Errorf("nothing is in TIME-WAIT: %q", w)
		}
	}
}
