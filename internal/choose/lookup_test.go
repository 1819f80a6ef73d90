package choose

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer answers for many.example with two addresses of either family, for no other
// name, and never for slow.example. It counts the questions.
func nameServer(t *testing.T) (asked *atomic.Int32) {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	asked = new(atomic.Int32)
	go serveNames(socket, asked)
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
	return asked
}

func serveNames(socket net.PacketConn, asked *atomic.Int32) {
	buffer := make([]byte, 1500)
	for {
		n, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		asked.Add(1)
		var m dnsmessage.Message
		if m.Unpack(buffer[:n]) != nil || strings.HasPrefix(m.Questions[0].Name.String(), "slow.example") {
			continue
		}
		answerName(&m)
		if packed, err := m.Pack(); err == nil {
			_, _ = socket.WriteTo(packed, from)
		}
	}
}

func answerName(m *dnsmessage.Message) {
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	q := m.Questions[0]
	if q.Name.String() != "many.example." {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	for i := byte(1); i <= 2; i++ {
		r := dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}}
		if q.Type == dnsmessage.TypeA {
			r.Body = &dnsmessage.AResource{A: [4]byte{192, 0, 2, i}}
		} else {
			r.Body = &dnsmessage.AAAAResource{AAAA: [16]byte{0x20, 1, 0xd, 0xb8, 15: i}}
		}
		m.Answers = append(m.Answers, r)
	}
}

// TestNames: all addresses of a name, which is asked for once.
func TestNames(t *testing.T) {
	asked := nameServer(t)
	c := newChooser(t, []string{"many.example.:443", "many.example./8000-8001"}, []string{"many.example.:8001"})
	const want = "only 192.0.2.1:443 192.0.2.1:8000-8001 192.0.2.2:443 192.0.2.2:8000-8001" +
		" [2001:db8::1]:443 [2001:db8::1]:8000-8001 [2001:db8::2]:443 [2001:db8::2]:8000-8001" +
		", except 192.0.2.1:8001 192.0.2.2:8001 [2001:db8::1]:8001 [2001:db8::2]:8001"
	if c.String() != want {
		t.Errorf("got  %s\nwant %s", c, want)
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times, want once for A and once for AAAA", n)
	}
	asked.Store(0)
	again := fromArgs(t, c.Args())
	if !again.Equal(c) || asked.Load() != 0 {
		t.Errorf("handed on: %s, asked %d times", again, asked.Load())
	}
	if a := netip.MustParseAddrPort("[2001:db8::2]:8001"); c.Remote(a) {
		t.Errorf("%s is chosen", a)
	}
}

func TestNamesMissing(t *testing.T) {
	nameServer(t)
	_, err := New(t.Context(), []string{":80"}, []string{"none.example.:80"})
	missing, ok := errors.AsType[*LookupError](err)
	if !ok || missing.Name != "none.example." || missing.Option != "--except" {
		t.Fatalf("got %v", err)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); !ok || !dns.IsNotFound {
		t.Errorf("%v does not say that there is none", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = New(ctx, []string{"slow.example."}, nil)
	if dns, ok := errors.AsType[*net.DNSError](err); !ok || dns.IsNotFound || !dns.IsTimeout {
		t.Errorf("no answer: %v", err)
	}
}
