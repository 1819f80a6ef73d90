package mptcp_test

import (
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strconv"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
)

// firewall is a network with a middlebox on the only way between client and server.
type firewall struct {
	hosts  string // settings of both
	router string // a rule of its middlebox
	wire   string // one of a middlebox beside it, which can do what nftables cannot
}

func (f firewall) start(t testing.TB) *lab.Lab {
	t.Helper()
	wire := f.wire
	if wire != "" {
		wire = "middlebox: [" + wire + "]"
	}
	text := fmt.Sprintf(`
name: firewall
hosts:
  - {name: client, routes: [{to: default, via: 10.1.0.1}], sysctls: {%[1]s}}
  - {name: server, routes: [{to: default, via: 10.2.0.1}], sysctls: {%[1]s}}
routers: [{name: firewall, middlebox: [%[2]s]}]
links:
  - {name: inside, ends: [{host: client, addresses: [10.1.0.2/24]}, {host: firewall, addresses: [10.1.0.1/24]}]}
  - name: outside
    ends: [{host: firewall, addresses: [10.2.0.1/24]}, {host: server, addresses: [10.2.0.2/24]}]
    %[3]s
`, f.hosts, f.router, wire)
	return lab.Start(t, func() (*lab.Topology, error) { return lab.Parse("firewall.yaml", []byte(text)) })
}

// listen listens in the server until the test ends.
func listen(t testing.TB, network *lab.Lab, at string) (l *mptcp.Listener) {
	t.Helper()
	must(t, network.Host("server").Run(func() (err error) {
		l, err = mptcp.Listen(t.Context(), netip.MustParseAddrPort(at))
		return err
	}))
	t.Cleanup(func() { l.Close() })
	return l
}

// dial connects from the client; the connection is closed when the test ends.
func dial(t testing.TB, network *lab.Lab, d mptcp.Dialer, to netip.AddrPort) (conn *mptcp.Conn, err error) {
	t.Helper()
	if d.Timeout == 0 {
		d.Timeout = patience
	}
	err = network.Host("client").Run(func() (err error) {
		conn, err = d.Dial(t.Context(), to)
		return err
	})
	if err == nil {
		t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

// patience is for what happens soon; it only ends a test that has failed.
const patience = 20 * time.Second

func accept(t testing.TB, l *mptcp.Listener) *mptcp.Conn {
	t.Helper()
	must(t, l.SetDeadline(time.Now().Add(patience)))
	conn, err := l.Accept()
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// say has one end say a word, and the other hear one as long.
func say(t testing.TB, from, to *mptcp.Conn, word string) {
	t.Helper()
	must(t, to.SetReadDeadline(time.Now().Add(patience)))
	_, err := io.WriteString(from, word)
	must(t, err)
	_, err = io.ReadFull(to, make([]byte, len(word)))
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// output runs a program of the system in a host.
func output(t testing.TB, network *lab.Lab, host, program string, args ...string) string {
	t.Helper()
	out, err := network.Host(host).Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q in %s: %v\n%s", program, args, host, err, out)
	}
	return string(out)
}

// nstat has somebody else read a counter of a host.
func nstat(t testing.TB, network *lab.Lab, host, counter string) int {
	t.Helper()
	out := output(t, network, host, "nstat", "-asz", "MPTcpExt"+counter)
	match := regexp.MustCompile(`MPTcpExt` + counter + ` +([0-9]+) `).FindStringSubmatch(out)
	if match == nil {
		t.Fatalf("nstat knows no %s: %s", counter, out)
	}
	n, err := strconv.Atoi(match[1])
	must(t, err)
	return n
}
