package mptcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestEcho(t *testing.T) {
	for _, at := range loopbacks(t) {
		t.Run(at.Addr().String(), func(t *testing.T) {
			client, server := connectAt(t, at)
			exchange(t, client, server, strings.Repeat("all roads lead to Rome. ", 50_000))
			for _, end := range []*Conn{client, server} {
				if is, err := IsMPTCP(end); err != nil || !is {
					t.Errorf("IsMPTCP = %v, %v, want true", is, err)
				}
			}
		})
	}
}

func TestCloseWrite(t *testing.T) {
	client, server := connectAt(t, loopback4)
	if err := client.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(server); err != nil || len(rest) != 0 {
		t.Fatalf("after CloseWrite the peer reads %q, %v, want an end", rest, err)
	}
	pass(t, server, client, "still open this way")
}

func TestDialFromAddress(t *testing.T) {
	l := listenAt(t, loopback4)
	from := netip.MustParseAddrPort("127.0.0.2:0")
	client, err := (&Dialer{LocalAddr: from}).Dial(soon(t), l.AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if got := client.LocalAddr().(*net.TCPAddr).AddrPort(); got.Addr() != from.Addr() || got.Port() == 0 {
		t.Errorf("dialed from %s, want %s with a port", got, from.Addr())
	}
	if got := client.RemoteAddr().String(); got != l.Addr().String() {
		t.Errorf("dialed to %s, want %s", got, l.Addr())
	}
}

func TestDialMappedAddress(t *testing.T) {
	l := listenAt(t, loopback4)
	mapped := netip.AddrPortFrom(netip.AddrFrom16(l.AddrPort().Addr().As16()), l.AddrPort().Port())
	client, err := new(Dialer).Dial(soon(t), mapped)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestDialRefused(t *testing.T) {
	for _, at := range loopbacks(t) {
		l := listenAt(t, at)
		l.Close()
		_, err := new(Dialer).Dial(soon(t), l.AddrPort())
		var op *net.OpError
		if !errors.Is(err, unix.ECONNREFUSED) || !errors.As(err, &op) {
			t.Fatalf("dial %s: %v, want a *net.OpError with ECONNREFUSED", at, err)
		}
		if want := "dial mptcp " + l.AddrPort().String() + ": connect: connection refused"; err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

// A connection with itself, the answer of nobody, must not count as one.
func TestDialSelf(t *testing.T) {
	l := listenAt(t, loopback4)
	l.Close()
	_, err := (&Dialer{LocalAddr: l.AddrPort()}).Dial(soon(t), l.AddrPort())
	if !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("dial itself: %v, want ECONNREFUSED", err)
	}
}

func TestDialKeepsErrno(t *testing.T) {
	requireMPTCP(t)
	ns := newNamespace(t) // It has no route but to loopback.
	ctx := soon(t)
	for name, test := range map[string]struct {
		from, to netip.AddrPort
		want     error
	}{
		"no route":            {to: netip.MustParseAddrPort("192.0.2.1:80"), want: unix.ENETUNREACH},
		"not a local address": {from: netip.MustParseAddrPort("192.0.2.2:0"), to: netip.MustParseAddrPort("127.0.0.1:80"), want: unix.EADDRNOTAVAIL},
	} {
		err := ns.Do(func() error {
			_, err := (&Dialer{LocalAddr: test.from}).Dial(ctx, test.to)
			return err
		})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestDialWrongAddresses(t *testing.T) {
	requireMPTCP(t)
	for want, d := range map[string]struct{ from, to netip.AddrPort }{
		"dial mptcp: no address given": {},
		"dial mptcp 127.0.0.1:0->[::1]:80: local address 127.0.0.1:0 is of another family": {
			from: loopback4, to: netip.MustParseAddrPort("[::1]:80")},
		"dial mptcp [fe80::1%nowhere]:80: find interface nowhere: route ip+net: no such network interface": {
			to: netip.MustParseAddrPort("[fe80::1%nowhere]:80")},
	} {
		_, err := (&Dialer{LocalAddr: d.from}).Dial(context.Background(), d.to)
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// The namespace of the thread that calls counts, and stays the connection's.
func TestDialInNamespace(t *testing.T) {
	requireMPTCP(t)
	ns := newNamespace(t)
	ctx := soon(t)
	l := listenIn(t, ns)
	if c, err := new(Dialer).Dial(ctx, l.AddrPort()); err == nil {
		c.Close()
		t.Fatal("dialed from outside into the namespace")
	}
	var client *Conn
	if err := ns.Do(func() (err error) {
		client, err = new(Dialer).Dial(ctx, l.AddrPort())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	exchange(t, client, server, "used from outside")
}
