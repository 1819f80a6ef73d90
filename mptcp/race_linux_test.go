package mptcp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/lab"
	"allroads/mptcp"
)

// uplinks is a client with two ways to a router, of which routing prefers red, and a
// server behind it. The router's middlebox has a rule for what comes in by red.
func uplinks(t testing.TB, red, rule string) *lab.Lab {
	t.Helper()
	text := fmt.Sprintf(`
name: uplinks
hosts:
  - name: client
    sysctls: {net.ipv4.conf.all.rp_filter: 0}
    mptcp: {limits: {subflows: 2}, endpoints: [{address: 10.2.0.2, dev: blue, flags: [subflow]}]}
    routes:
      - {to: default, via: 10.1.0.1, metric: 1}
      - {to: default, via: 10.2.0.1, metric: 2}
      - {to: default, via: 10.2.0.1, table: 2}
    rules: [{from: 10.2.0.2, table: 2}]
  - {name: server, routes: [{to: default, via: 10.3.0.1}], mptcp: {limits: {subflows: 2}}}
routers:
  - {name: router, sysctls: {net.ipv4.conf.all.rp_filter: 0}, middlebox: [%[2]s]}
links:
  - name: red
    %[1]s
    ends: [{host: client, addresses: [10.1.0.2/24]}, {host: router, addresses: [10.1.0.1/24]}]
  - {name: blue, ends: [{host: client, addresses: [10.2.0.2/24]}, {host: router, addresses: [10.2.0.1/24]}]}
  - {name: rest, ends: [{host: router, addresses: [10.3.0.1/24]}, {host: server, addresses: [10.3.0.2/24]}]}
`, red, rule)
	return lab.Start(t, func() (*lab.Topology, error) { return lab.Parse("uplinks.yaml", []byte(text)) })
}

const serverAt = "10.3.0.2:80"

var (
	redAddr, blueAddr = netip.MustParseAddr("10.1.0.2"), netip.MustParseAddr("10.2.0.2")
	byAddress         = []mptcp.Source{{Addr: redAddr}, {Addr: blueAddr}}
	byInterface       = []mptcp.Source{{Interface: "red"}, {Interface: "blue"}}
)

func localOf(c *mptcp.Conn) netip.Addr { return c.LocalAddr().(*net.TCPAddr).AddrPort().Addr().Unmap() }

// The kernel tries the preferred path only: without a race, there is no connection.
func TestRaceOverDeadPath(t *testing.T) {
	network := uplinks(t, "loss: 100%", "")
	l := listen(t, network, serverAt)
	_, err := dial(t, network, mptcp.Dialer{Timeout: 300 * time.Millisecond}, l.AddrPort())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("over the dead path: %v, want a time-out", err)
	}
	for _, race := range [][]mptcp.Source{byAddress, byInterface, {{}, {Addr: blueAddr, Interface: "blue"}}} {
		conn, err := dial(t, network, mptcp.Dialer{Race: race, RaceDelay: 10 * time.Millisecond}, l.AddrPort())
		if err != nil {
			t.Errorf("%v: %v", race, err)
			continue
		}
		if local := localOf(conn); local != blueAddr {
			t.Errorf("%v: connected from %s, want %s", race, local, blueAddr)
		}
		checkStatus(t, fmt.Sprint(race), conn, multipath)
		say(t, conn, accept(t, l), "over blue")
	}
	if left := output(t, network, "client", "ss", "-Htn", "state", "syn-sent"); left != "" {
		t.Errorf("losers are left: %s", left)
	}
}

// What fails at once makes way at once. (An address fails so only if there is no
// other route: that of a link that is down leaves by another one.)
func TestRaceOverLinkThatIsDown(t *testing.T) {
	network := uplinks(t, "", "")
	l := listen(t, network, serverAt)
	must(t, network.Link("red").Down())
	race := []mptcp.Source{{Interface: "red"}, {Interface: "nowhere"}, {Interface: "blue"}}
	conn, err := dial(t, network, mptcp.Dialer{Race: race, RaceDelay: time.Hour}, l.AddrPort())
	must(t, err)
	if local := localOf(conn); local != blueAddr {
		t.Errorf("connected from %s, want %s", local, blueAddr)
	}
	conn, err = dial(t, network, mptcp.Dialer{Race: byAddress, RaceDelay: 10 * time.Millisecond}, l.AddrPort())
	must(t, err)
	if local := localOf(conn); local != blueAddr {
		t.Errorf("connected from %s, want %s", local, blueAddr)
	}
}

// A path that takes MPTCP away loses, unless TCP will do.
func TestRaceOverStrippedPath(t *testing.T) {
	network := uplinks(t, "", "{do: strip, options: [mp_capable], packets: syn, dev: red}")
	l := listen(t, network, serverAt)
	for _, c := range []struct {
		allowTCP bool
		from     netip.Addr
		want     mptcp.Status
	}{{false, blueAddr, multipath}, {true, redAddr, fellBack(mptcp.CauseSYNACK)}} {
		conn, err := dial(t, network, mptcp.Dialer{Race: byAddress, RaceDelay: time.Hour, AllowTCP: c.allowTCP}, l.AddrPort())
		must(t, err)
		if local := localOf(conn); local != c.from {
			t.Errorf("AllowTCP %v: connected from %s, want %s", c.allowTCP, local, c.from)
		}
		checkStatus(t, fmt.Sprintf("AllowTCP %v", c.allowTCP), conn, c.want)
	}
}

// Losers that are connected nonetheless are closed, in order.
func TestRaceOfEquals(t *testing.T) {
	network := uplinks(t, "delay: 20ms", "")
	l := listen(t, network, serverAt)
	conn, err := dial(t, network, mptcp.Dialer{Race: byAddress, RaceDelay: time.Nanosecond}, l.AddrPort())
	must(t, err)
	if local := localOf(conn); local != blueAddr {
		t.Errorf("connected from %s, want the faster %s", local, blueAddr)
	}
	say(t, conn, accept(t, l), "the one that lasts")
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		out := output(t, network, "client", "ss", "-Htn", "src", redAddr.String())
		if !strings.Contains(out, "ESTAB") && !strings.Contains(out, "SYN-SENT") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the loser is left: %s", out)
		}
	}
}

func TestRaceErrors(t *testing.T) {
	network := uplinks(t, "", "")
	to := netip.MustParseAddrPort(serverAt)
	v6 := netip.MustParseAddr("fd00::1")
	_, err := dial(t, network, mptcp.Dialer{Race: []mptcp.Source{{Addr: redAddr}, {Interface: "nowhere"}, {Addr: v6},
		{Addr: blueAddr, Interface: "blue"}}}, to)
	if err == nil || !errors.Is(err, unix.ECONNREFUSED) || !errors.Is(err, unix.ENODEV) {
		t.Fatalf("error %v, want both errnos", err)
	}
	for _, part := range []string{"dial mptcp 10.3.0.2:80: from 10.1.0.2: connect: connection refused; ",
		"; from nowhere: bind to interface nowhere: setsockopt SO_BINDTODEVICE: no such device; ",
		"; from fd00::1: local address [fd00::1]:0 is of another family; ",
		"; from 10.2.0.2 on blue: connect: connection refused"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	_, err = dial(t, network, mptcp.Dialer{Race: byAddress, LocalAddr: netip.AddrPortFrom(redAddr, 0)}, to)
	if err == nil || !strings.Contains(err.Error(), "both a local address and sources to race given") {
		t.Errorf("a race and a local address: %v", err)
	}
}

// The interface is the first subflow's alone.
func TestSubflowsOfBoundConnection(t *testing.T) {
	t.Parallel()
	network := uplinks(t, "", "")
	l := listen(t, network, serverAt)
	conn, err := dial(t, network, mptcp.Dialer{Race: byInterface[:1], Subflows: 2}, l.AddrPort())
	must(t, err)
	subflows, err := conn.Subflows()
	must(t, err)
	if len(subflows) != 2 || subflows[0].Local.Addr() != redAddr || subflows[1].Local.Addr() != blueAddr {
		t.Errorf("subflows %+v, want one from %s and one from %s", subflows, redAddr, blueAddr)
	}
	if out := output(t, network, "client", "ss", "-Htn", "state", "established"); !strings.Contains(out, "10.1.0.2%red:") ||
		!strings.Contains(out, "10.2.0.2%blue:") {
		t.Errorf("ss shows other interfaces: %s", out)
	}
	say(t, conn, accept(t, l), "the first data")
}
