package top_test

import (
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"

	"github.com/google/go-cmp/cmp"
)

// network is a client and a server with two paths, and a connection over one.
type network struct {
	*lab.Lab
	client, server *lab.Host
	pm             *pathmanager.Conn // the client's
	conn, accepted *mptcp.Conn
}

const topology = `
name: top
hosts:
  - {name: client, mptcp: {limits: {subflows: 4, add_addr_accepted: 4}}}
  - {name: server, mptcp: {limits: {subflows: 4, add_addr_accepted: 4}}}
links:
  - name: red
    ends:
      - {host: client, interface: red, addresses: [10.1.0.2/24, "fd01::2/64"]}
      - {host: server, interface: red, addresses: [10.1.0.1/24, "fd01::1/64"]}
  - name: blue
    ends:
      - {host: client, interface: blue, addresses: [10.2.0.2/24, "fd02::2/64"]}
      - {host: server, interface: blue, addresses: [10.2.0.1/24, "fd02::1/64"]}
`

func newNetwork(t testing.TB, server string) *network {
	t.Helper()
	pathmanagertest.Alone(t)
	l := lab.Start(t, func() (*lab.Topology, error) { return lab.Parse("top.yaml", []byte(topology)) })
	n := &network{Lab: l, client: l.Host("client"), server: l.Host("server")}
	must(t, n.client.Run(func() (err error) {
		n.pm, err = pathmanager.Dial(t.Context())
		return err
	}))
	t.Cleanup(func() { n.pm.Close() })
	n.connect(t, netip.MustParseAddrPort(server))
	return n
}

func (n *network) connect(t testing.TB, to netip.AddrPort) {
	t.Helper()
	var listener *mptcp.Listener
	must(t, n.server.Run(func() (err error) {
		listener, err = mptcp.Listen(t.Context(), netip.AddrPortFrom(netip.IPv6Unspecified(), to.Port()))
		return err
	}))
	t.Cleanup(func() { listener.Close() })
	must(t, listener.SetDeadline(time.Now().Add(patience)))
	must(t, n.client.Run(func() (err error) {
		n.conn, err = new(mptcp.Dialer).Dial(t.Context(), to)
		return err
	}))
	t.Cleanup(func() { n.conn.Close() })
	var err error
	n.accepted, err = listener.Accept()
	must(t, err)
	t.Cleanup(func() { n.accepted.Close() })
	n.exchange(t)
}

// exchange has some bytes go both ways.
func (n *network) exchange(t testing.TB) {
	t.Helper()
	for _, way := range [][2]*mptcp.Conn{{n.conn, n.accepted}, {n.accepted, n.conn}} {
		must(t, way[1].SetDeadline(time.Now().Add(patience)))
		_, err := way[0].Write(make([]byte, 1000))
		must(t, err)
		_, err = way[1].Read(make([]byte, 1000))
		must(t, err)
	}
}

// join makes a second path over blue.
func (n *network) join(t testing.TB, from string) {
	t.Helper()
	var blue *net.Interface
	must(t, n.client.Run(func() (err error) {
		blue, err = net.InterfaceByName("blue")
		return err
	}))
	must(t, n.pm.AddEndpoint(t.Context(), pathmanager.Endpoint{
		Addr: netip.MustParseAddr(from), ID: 5, Flags: pathmanager.Subflow, IfIndex: blue.Index,
	}))
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		subflows, err := n.conn.Subflows()
		must(t, err)
		if len(subflows) == 2 && subflows[1].State == mptcp.StateEstablished {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("subflows: %+v", subflows)
		}
	}
}

const goldenScreen = `allroads top 1 connection, 2 subflows ↑ N ↓ N bit/s HH:MM:SS
every 200ms · by RATE
TOKEN STATE PATHS SENT RECV RETR IDLE LOCAL REMOTE
TTTTTTTT ESTAB 2/5 N10.1.0.2:PPPPP 10.1.0.1:4321
── TTTTTTTT 10.1.0.2:PPPPP → 10.1.0.1:4321 ─────────────────────────────────────
10.1.0.2:PPPPP red ━ 10.1.0.1:4321 ESTAB initial S
 N bit/s rtt N
10.2.0.2:PPPPP blue ━ 10.1.0.1:4321 ESTAB joined S
 N bit/s rtt N
HH:MM:SS subflow 10.2.0.2:PPPPP → 10.1.0.1:4321 established
F1Help F3Search F4Filter F6Order EnterPaths eEvents pProcess SpacePause F10Quit
`

// TestLive drives the real thing: events as they happen, what they do to the picture,
// the keys, and the end.
func TestLive(t *testing.T) {
	n := newNetwork(t, "10.1.0.1:4321")
	m := sit(t, n.client, 80, 24)
	m.runs("--interval 200ms")
	m.Shows("1 connection, 1 subflow ", "no events yet")
	n.join(t, "10.2.0.2")
	n.exchange(t)
	m.Shows("1 connection, 2 subflows", " established\n")
	m.Until("all is known", func() bool { return !strings.Contains(m.Screen(), "?") })
	if diff := cmp.Diff(goldenScreen, masked(m.Screen())); diff != "" {
		t.Errorf("(-want +got):\n%s\nthe screen:\n%s", diff, m.Screen())
	}

	if text := m.Tell("capture-pane", "-p", "-e"); !strings.Contains(text, "\x1b[32m━") {
		t.Errorf("no colours: %q", text)
	}
	m.Types("Enter")
	m.Shows("ESTABLISHED · initial · ids 0–0", "ESTABLISHED · joined · ids 5–0", "EscBack")
	subflows, err := n.conn.Subflows()
	must(t, err)
	m.Shows(subflows[1].Local.String() + " blue")
	must(t, n.pm.SetFlags(t.Context(), pathmanager.Endpoint{ID: 5}, pathmanager.Backup))
	m.Shows("ESTABLISHED · backup · ids 5–0", "blue ──────")
	m.Types("End")
	m.Shows("this end wants it as a backup: subflow " + subflows[1].Local.String())
	must(t, n.pm.DeleteEndpoint(t.Context(), 5, netip.Addr{}))
	m.Types("Escape")
	m.Shows("subflow "+subflows[1].Local.String()+" → 10.1.0.1:4321 closed", "1 connection, 1 subflow ", "EnterPaths")
	m.Types("q")
	m.restored(0)
}

// TestAnnounced: an address that the peer announces, and withdraws, and a connection
// that ends, over IPv6.
func TestAnnounced(t *testing.T) {
	n := newNetwork(t, "[fd01::1]:4321")
	m := sit(t, n.client, 80, 24)
	m.runs("--interval 200ms")
	m.Shows("no events yet", "→ [fd01::1]:4321")
	var pm *pathmanager.Conn
	must(t, n.server.Run(func() (err error) {
		pm, err = pathmanager.Dial(t.Context())
		return err
	}))
	defer pm.Close()
	must(t, pm.AddEndpoint(t.Context(), pathmanager.Endpoint{Addr: netip.MustParseAddr("fd02::1"), ID: 9, Flags: pathmanager.Signal}))
	m.Shows("the peer announced [fd02::1]:4321 (id 9)", "[fd02::1]:4321 ESTAB  joined", "[fd02::1]:4321 established")
	must(t, pm.DeleteEndpoint(t.Context(), 9, netip.Addr{}))
	m.Shows("the peer withdrew its address (id 9)")
	must(t, n.conn.Close())
	must(t, n.accepted.Close())
	m.Shows("no MPTCP connections", "0 connections")
	m.Types("e")
	m.Shows("connection closed")
	m.Types("F10")
	m.restored(0)
}

// TestWithoutEvents finds by looking what happened.
func TestWithoutEvents(t *testing.T) {
	n := newNetwork(t, "10.1.0.1:4321")
	m := sit(t, n.client, 80, 24, "LC_ALL=C", "NO_COLOR=1")
	m.runs("--interval 200ms --no-events 10.1.0.1:4321")
	m.Shows("no events (--no-events): changes are found by comparing looks")
	n.join(t, "10.2.0.2")
	m.Shows("> 10.1.0.1:4321 has come: ESTABLISHED", "blue ==")
	must(t, n.pm.DeleteEndpoint(t.Context(), 5, netip.Addr{}))
	m.Shows("> 10.1.0.1:4321 has gone")
	for _, r := range m.Screen() {
		if r > '~' {
			t.Errorf("%q is not ASCII", r)
		}
	}
	if text := m.Tell("capture-pane", "-p", "-e"); regexp.MustCompile(`\x1b\[([0-9]+;)*3[1-6]`).MatchString(text) {
		t.Errorf("colours: %q", text)
	}
	m.Types("q")
	m.restored(0)
}
