package mptcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

// plainListener listens with a socket that has never heard of MPTCP.
func plainListener(t testing.TB, at netip.AddrPort) *net.TCPListener {
	t.Helper()
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	l, err := config.Listen(t.Context(), "tcp", at.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener)
}

// dialPlain connects with a socket that has never heard of MPTCP.
func dialPlain(t testing.TB, to string) *net.TCPConn {
	t.Helper()
	var dialer net.Dialer
	dialer.SetMultipathTCP(false)
	c, err := dialer.DialContext(t.Context(), "tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// checkPlain holds every reading function to what it says of a connection
// without MPTCP.
func checkPlain(t *testing.T, c syscall.Conn, reason string) {
	t.Helper()
	if is, err := IsMPTCP(c); err != nil || is {
		t.Errorf("IsMPTCP = %v, %v, want false", is, err)
	}
	if made, err := control(c, madeMPTCP); err == nil && made {
		// This is how a kernel before 6.10 has to be asked.
		if is, err := control(c, isMPTCPByInfo); err != nil || is {
			t.Errorf("MPTCP_INFO says %v, %v, want false", is, err)
		}
	}
	_, infoErr := ReadInfo(c)
	_, subflowsErr := ReadSubflows(c)
	_, joinedErr := control(c, readJoined)
	for _, err := range []error{infoErr, subflowsErr, joinedErr} {
		if !errors.Is(err, ErrNotMPTCP) || errors.Is(err, ErrNotSupported) {
			t.Errorf("error %v, want an ErrNotMPTCP", err)
		}
	}
	if want := "read mptcp info: not a multipath tcp connection: " + reason; infoErr != nil && infoErr.Error() != want {
		t.Errorf("error %q, want %q", infoErr, want)
	}
}

func TestPlainServer(t *testing.T) {
	requireMPTCP(t)
	for _, at := range loopbacks(t) {
		l := plainListener(t, at)
		client, err := (&Dialer{AllowTCP: true}).Dial(soon(t), l.Addr().(*net.TCPAddr).AddrPort())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server, err := l.AcceptTCP()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		exchange(t, client, server, "plain but working")
		checkPlain(t, client, "it fell back to tcp")
		checkPlain(t, server, "the socket was not made for mptcp")
		if err := client.WaitSubflows(context.Background(), 2); !errors.Is(err, ErrNotMPTCP) {
			t.Errorf("wait on a connection that fell back: %v", err)
		}
	}
}

func TestPlainClient(t *testing.T) {
	for _, at := range loopbacks(t) {
		l := listenAt(t, at)
		client := dialPlain(t, l.Addr().String())
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		exchange(t, client, server, "plain but working")
		checkPlain(t, server, "the socket was not made for mptcp")
	}
}

// A socket of package net is read as well as one of ours.
func TestReadNetConn(t *testing.T) {
	l := listenAt(t, loopback4)
	var dialer net.Dialer
	dialer.SetMultipathTCP(true)
	client, err := dialer.DialContext(soon(t), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	tcp := client.(*net.TCPConn)
	if is, err := IsMPTCP(tcp); err != nil || !is {
		t.Errorf("IsMPTCP = %v, %v, want true", is, err)
	}
	if is, err := control(tcp, isMPTCPByInfo); err != nil || !is {
		t.Errorf("MPTCP_INFO says %v, %v, want true", is, err)
	}
	if _, err := ReadInfo(tcp); err != nil {
		t.Error(err)
	}
}

func TestReadOtherSockets(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	checkPlain(t, udp.(*net.UDPConn), "the socket was not made for mptcp")

	client, _ := connectAt(t, loopback4)
	client.Close()
	if _, err := IsMPTCP(client); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed connection: %v", err)
	}
	if err := client.WaitSubflows(soon(t), 1); !errors.Is(err, net.ErrClosed) {
		t.Errorf("wait on closed connection: %v", err)
	}
}

func TestProbeInfo(t *testing.T) {
	requireMPTCP(t)
	if !infoSeen.Load() {
		t.Error("what was found is not remembered")
	}
}
