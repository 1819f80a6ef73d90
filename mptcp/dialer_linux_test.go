package mptcp_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/mptcp"
)

// Without MPTCP sockets there is TCP for those who take it, and a reason for the
// others.
func TestDialWithoutMPTCP(t *testing.T) {
	network := firewall{}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	output(t, network, "client", "sysctl", "-qw", "net.mptcp.enabled=0")
	_, err := dial(t, network, mptcp.Dialer{}, l.AddrPort())
	if !errors.Is(err, mptcp.ErrNotSupported) || !strings.Contains(err.Error(), "net.mptcp.enabled=1") {
		t.Errorf("error %v, want an ErrNotSupported that says what to do", err)
	}
	for _, d := range []mptcp.Dialer{
		{AllowTCP: true, Subflows: 2},
		{AllowTCP: true, Race: []mptcp.Source{{Interface: "nowhere"}, {Interface: "inside"}}},
	} {
		client, err := dial(t, network, d, l.AddrPort())
		must(t, err)
		server := accept(t, l)
		say(t, client, server, "plain but working")
		checkStatus(t, "client", client, plain)
		checkStatus(t, "server", server, plain)
	}
}

// An MPTCP connection is wanted, and what it fell back from is said.
func TestDialNotMPTCP(t *testing.T) {
	network := firewall{router: "{do: strip, options: [mp_capable], packets: syn}"}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	_, err := dial(t, network, mptcp.Dialer{}, l.AddrPort())
	const want = "dial mptcp 10.2.0.2:80: not a multipath tcp connection: it fell back to tcp: the answer came without mptcp"
	if !errors.Is(err, mptcp.ErrNotMPTCP) || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, err := accept(t, l).Read(make([]byte, 1)); err == nil {
		t.Error("the server's end of what was refused is not closed")
	}
}

// Nobody makes a second subflow: the wait ends, and so does the connection.
func TestDialSubflowsInVain(t *testing.T) {
	network := firewall{}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	_, err := dial(t, network, mptcp.Dialer{Subflows: 2, SubflowTimeout: 50 * time.Millisecond}, l.AddrPort())
	const want = "dial mptcp 10.2.0.2:80: wait for 2 established subflows: 1 there (1 ESTABLISHED): context deadline exceeded"
	var short *mptcp.SubflowsError
	if !errors.As(err, &short) || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, err := accept(t, l).Read(make([]byte, 1)); err == nil {
		t.Error("the server's end is not closed")
	}
}

// A peer that vanishes is found out, and the connection ends when MPTCP has given up
// on another subflow.
func TestDialKeepAlive(t *testing.T) {
	t.Parallel()
	network := firewall{hosts: "net.mptcp.close_timeout: 1"}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	often := net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}
	client, err := dial(t, network, mptcp.Dialer{KeepAlive: often}, l.AddrPort())
	must(t, err)
	say(t, client, accept(t, l), "and then nothing more")
	if out := output(t, network, "client", "ss", "-Htno"); !strings.Contains(out, "timer:(keepalive,") {
		t.Errorf("ss shows no keep-alive: %s", out)
	}
	must(t, network.Link("outside").Down())
	must(t, client.SetReadDeadline(time.Now().Add(patience)))
	if n, err := client.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes from a peer that has vanished, %v", n, err)
	}
}

// Package net would try again without MPTCP, which nobody has asked for.
func TestDialTriesOnce(t *testing.T) {
	network := firewall{}.start(t)
	nobody := netip.MustParseAddrPort("10.2.0.2:80")
	if _, err := dial(t, network, mptcp.Dialer{AllowTCP: true}, nobody); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("error %v, want %v", err, unix.ECONNREFUSED)
	}
	out := output(t, network, "client", "nstat", "-asz", "TcpActiveOpens")
	if fields := strings.Fields(out); len(fields) < 2 || fields[len(fields)-2] != "1" {
		t.Errorf("nstat: not one connection was opened: %s", out)
	}
}

func TestDialAddresses(t *testing.T) {
	network := firewall{}.start(t)
	l := listen(t, network, "10.2.0.2:80")
	for _, from := range []string{"10.1.0.2:0", "10.1.0.2:4321", "0.0.0.0:4322"} {
		at := netip.MustParseAddrPort(from)
		conn, err := dial(t, network, mptcp.Dialer{LocalAddr: at}, l.AddrPort())
		must(t, err)
		got := conn.LocalAddr().(*net.TCPAddr).AddrPort()
		if got.Addr().String() != "10.1.0.2" || got.Port() == 0 || at.Port() != 0 && got.Port() != at.Port() {
			t.Errorf("from %s it is %s", at, got)
		}
		subflow, err := mptcp.ReadTCP(conn)
		must(t, err)
		if subflow.Local != got || subflow.Remote != l.AddrPort() || subflow.State != mptcp.StateEstablished {
			t.Errorf("ReadTCP from %s: %+v", at, subflow)
		}
	}
}
