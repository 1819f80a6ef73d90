package mptcp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestListenBacklog(t *testing.T) {
	ns := newNamespace(t)
	const most = 77
	if err := ns.SetSysctl("net.core.somaxconn", strconv.Itoa(most)); err != nil {
		t.Fatal(err)
	}
	l := listenIn(t, ns)
	// For a listener, TCP_INFO has the backlog in tcpi_sacked.
	info, err := control(l, func(fd int) (*unix.TCPInfo, error) {
		return unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	})
	if err != nil {
		t.Fatal(err)
	}
	if info.Sacked != most {
		t.Errorf("backlog is %d, want somaxconn of the namespace, %d", info.Sacked, most)
	}
}

func TestListenErrors(t *testing.T) {
	l := listenAt(t, loopback4)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, test := range []struct {
		ctx  context.Context
		at   netip.AddrPort
		want error
		text string
	}{
		{soon(t), l.AddrPort(), unix.EADDRINUSE, "listen mptcp " + l.AddrPort().String() + ": bind: address already in use"},
		{soon(t), netip.MustParseAddrPort("192.0.2.1:80"), unix.EADDRNOTAVAIL,
			"listen mptcp 192.0.2.1:80: bind: cannot assign requested address"},
		{cancelled, loopback4, context.Canceled, "listen mptcp 127.0.0.1:0: context canceled"},
	} {
		_, err := Listen(test.ctx, test.at)
		if !errors.Is(err, test.want) || err.Error() != test.text {
			t.Errorf("error %v, want %s", err, test.text)
		}
	}
	if _, err := Listen(soon(t), netip.AddrPort{}); err == nil {
		t.Error("listens on no address")
	}
}

// A server must be able to come back while connections of its last run linger.
func TestListenAgain(t *testing.T) {
	l := listenAt(t, loopback4)
	client, err := new(Dialer).Dial(soon(t), l.AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	server.Close()
	listenAt(t, l.AddrPort())
}

func TestAcceptEnds(t *testing.T) {
	l := listenAt(t, loopback4)
	if err := l.SetDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("accept at its deadline: %v", err)
	}
	if err := l.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, func() { l.Close() })
	if _, err := l.NetListener().Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept on closed listener: %v", err)
	}
}

func TestDualStack(t *testing.T) {
	if len(loopbacks(t)) == 1 {
		t.Skip("no IPv6")
	}
	l := listenAt(t, netip.MustParseAddrPort("[::]:0"))
	client, err := new(Dialer).Dial(soon(t), netip.AddrPortFrom(loopback4.Addr(), l.AddrPort().Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	subflows, err := server.Subflows()
	if err != nil {
		t.Fatal(err)
	}
	want := client.LocalAddr().(*net.TCPAddr).AddrPort()
	if len(subflows) != 1 || subflows[0].Remote != want {
		t.Errorf("subflows %+v, want one from %s", subflows, want)
	}
}

func TestNetListener(t *testing.T) {
	l := listenAt(t, loopback4)
	served := make(chan bool, 1)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			is, err := IsMPTCP(c.(*Conn))
			served <- err == nil && is
			return ctx
		},
	}
	go server.Serve(l.NetListener())
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return new(Dialer).Dial(ctx, netip.MustParseAddrPort(address))
		},
	}}
	answer, err := client.Get("http://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "hello" {
		t.Errorf("got %q, %v", body, err)
	}
	if !<-served {
		t.Error("the request did not come by mptcp")
	}
}
