package watch

import (
	"bytes"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// paths is two hosts with two links, of which the client's second address gets a subflow.
const paths = `
name: watched
hosts:
  - name: client
    sysctls: {net.ipv4.conf.all.rp_filter: 0}
    mptcp:
      limits: {subflows: 2, add_addr_accepted: 2}
      endpoints: [{address: 10.2.0.2, dev: blue, flags: [subflow]}, {address: "fd00:2::2", flags: [subflow]}]
  - name: server
    sysctls: {net.ipv4.conf.all.rp_filter: 0}
    mptcp: {limits: {subflows: 2, add_addr_accepted: 2}}
links:
  - name: red
    ends:
      - {host: client, addresses: [10.1.0.2/24, "fd00:1::2/64"]}
      - {host: server, addresses: [10.1.0.1/24, "fd00:1::1/64"]}
  - name: blue
    ends:
      - {host: client, addresses: [10.2.0.2/24, "fd00:2::2/64"]}
      - {host: server, addresses: [10.2.0.1/24, "fd00:2::1/64"]}
`

// TestTwoSubflows: a client and a server, each watched, in namespaces of their own.
func TestTwoSubflows(t *testing.T) {
	l := lab.Start(t, func() (*lab.Topology, error) { return lab.Parse("watched.yaml", []byte(paths)) })
	for _, at := range []string{"10.1.0.1:4321", "[fd00:1::1]:4321"} {
		t.Run(at, func(t *testing.T) { testTwoSubflows(t, l, netip.MustParseAddrPort(at)) })
	}
}

func testTwoSubflows(t *testing.T, l *lab.Lab, at netip.AddrPort) {
	atClient, atServer := watcher(t), watcher(t)
	var client, server int
	in(t, l, "server", func() error {
		server = hand(t, atServer, family(at))
		unix.SetsockoptInt(server, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		if err := unix.Bind(server, sockaddr(at)); err != nil {
			return err
		}
		return unix.Listen(server, 10)
	})
	defer unix.Close(server)
	await(t, atServer, "listening", func(r Connections) bool { return r.Listening == 1 })
	in(t, l, "client", func() error {
		client = hand(t, atClient, family(at))
		return unix.Connect(client, sockaddr(at))
	})
	unix.Write(client, []byte("hello")) // Subflows follow the first answer.
	two := []Subflows{{2, 1}}
	await(t, atClient, "two subflows of the client", func(r Connections) bool {
		return r.MPTCP == 1 && r.Subflows[0] == two[0]
	})
	await(t, atServer, "two subflows of the server", func(r Connections) bool {
		return r.Accepted.MPTCP == 1 && r.Accepted.Subflows[0] == two[0]
	})
	out, err := l.Host("client").Command("ss", "-tHn", "state", "established").Output()
	if err != nil {
		netnstest.Missing(t, "ss: "+err.Error())
	}
	if n := bytes.Count(out, []byte("\n")); n != 2 {
		t.Errorf("ss has %d subflows:\n%s", n, out)
	}
	atClient.Look()
	if r := atClient.Report(); r.Bytes.Sent != 5 {
		t.Errorf("%d bytes sent, not 5", r.Bytes.Sent)
	}
	unix.Close(client)
	atClient.Look()
	if r := atClient.Report(); r.MPTCP != 1 || r.Subflows[0] != two[0] || len(r.Unknown) > 0 {
		t.Errorf("at the end: %+v", r)
	}
}

// TestNoAnswer: a connect() that nobody answers.
func TestNoAnswer(t *testing.T) {
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link set lo up")
	netnstest.Output(t, ns, "ip link add dead type veth peer name end")
	netnstest.Output(t, ns, "ip address add 10.9.0.1/24 dev dead")
	netnstest.Output(t, ns, "ip link set dead up")
	netnstest.Output(t, ns, "ip link set end up")
	netnstest.Output(t, ns, "ip neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev dead")
	w := watcher(t)
	fd := -1
	err := ns.Do(func() error {
		fd = hand(t, w, unix.AF_INET)
		unix.SetNonblock(fd, true)
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{10, 9, 0, 2}}); err != unix.EINPROGRESS {
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Look()
	if r := w.Report(); r.Unconnected != 1 || r.Failed != 0 {
		t.Errorf("while it connects: %+v", r)
	}
	unix.Close(fd)
	w.Look()
	if r := w.Report(); r.Unconnected != 0 || r.Failed != 1 {
		t.Errorf("when it has given up: %+v", r)
	}
}

func in(t *testing.T, l *lab.Lab, host string, fn func() error) {
	t.Helper()
	if err := l.Host(host).Run(fn); err != nil {
		t.Fatalf("%s: %v", host, err)
	}
}

// TestSSAgrees: what ss lists of this process is what the report says.
func TestSSAgrees(t *testing.T) {
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link set lo up")
	if _, err := exec.LookPath("ss"); err != nil {
		netnstest.Missing(t, "ss")
	}
	w := watcher(t)
	err := ns.Do(func() error {
		to, tcp := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"), listen(t, unix.IPPROTO_TCP, "127.0.0.1")
		for i := range 12 {
			fd := hand(t, w, unix.AF_INET)
			t.Cleanup(func() { unix.Close(fd) })
			if i%4 == 0 {
				to, tcp = tcp, to
			}
			if err := unix.Connect(fd, sockaddr(to)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Look()
	r := w.Report()
	listed := strings.Count(netnstest.Output(t, ns, "ss -MHn state established"), "\n")
	// Connections of MPTCP are listed twice, by both ends; fallen back, by this one.
	if listed == 0 || r.Connected != 12 || 2*r.MPTCP+r.FallenBack != listed {
		t.Errorf("ss lists %d, the report is %+v", listed, r)
	}
}
