package nft_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/middlebox"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/nft"
	"allroads/mptcp"
)

// patience is for what happens at once; it only ends a test that has failed.
const patience = 10 * time.Second

// serve has a server accept MPTCP connections, say its name on each, and tell
// where it came from. Nothing is told of one that it has not accepted.
func serve(t *testing.T, ns *netns.NS, at netip.AddrPort, name string) <-chan netip.AddrPort {
	var l *mptcp.Listener
	must(t, ns.Do(func() (err error) {
		l, err = mptcp.Listen(context.Background(), at)
		return err
	}))
	t.Cleanup(func() { l.Close() })
	peers := make(chan netip.AddrPort, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(name))
			peers <- conn.RemoteAddr().(*net.TCPAddr).AddrPort()
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return peers
}

// connect has the client connect and speak, and returns what the server says.
func connect(t *testing.T, p path, to netip.AddrPort, within time.Duration) (conn *mptcp.Conn, said string, err error) {
	err = p.client.Do(func() (err error) {
		conn, err = (&mptcp.Dialer{Timeout: within, AllowTCP: true}).Dial(context.Background(), to)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	t.Cleanup(func() { conn.Close() })
	must(t, conn.SetReadDeadline(time.Now().Add(patience)))
	// Behind a SYN proxy a server would wait a second for this: see SynProxy.
	if _, err := conn.Write([]byte("?")); err != nil {
		return nil, "", err
	}
	name := make([]byte, 2)
	_, err = io.ReadFull(conn, name)
	return conn, string(name), err
}

// expectConnection wants a connection that is MPTCP or not, and the server to
// see an address.
func expectConnection(t *testing.T, p path, to netip.AddrPort, multipath bool, server string, peers <-chan netip.AddrPort, from netip.Addr) {
	t.Helper()
	conn, said, err := connect(t, p, to, patience)
	if err != nil {
		t.Fatalf("connect to %v: %v", to, err)
	}
	is, err := mptcp.IsMPTCP(conn)
	must(t, err)
	if is != multipath || said != server {
		t.Errorf("MPTCP with %q: %v, want %v with %q", said, is, multipath, server)
	}
	if peer := <-peers; peer.Addr() != from {
		t.Errorf("the server sees %v, want %v", peer, from)
	}
}

func counts(t *testing.T, p path) (counts []nft.Counter) {
	counters, err := nft.Counters(p.router)
	must(t, err)
	for _, c := range counters {
		if (c.Packets == 0) != (c.Bytes == 0) || c.Bytes < 40*c.Packets {
			t.Errorf("%+v: the bytes do not fit the packets", c)
		}
		c.Bytes = 0
		counts = append(counts, c)
	}
	return counts
}

func expectCounts(t *testing.T, p path, want ...nft.Counter) {
	t.Helper()
	if got := counts(t, p); !slices.Equal(got, want) {
		t.Errorf("counters are %+v, want %+v", got, want)
	}
}

func TestConnections(t *testing.T) {
	p := newPath(t, 1)
	to, client := netip.AddrPortFrom(addr("10.2.0.2"), 7000), addr("10.1.0.2")
	peers := serve(t, p.servers[0], to, "s2")
	rule := func(do middlebox.Action, packets middlebox.Packets, from string) nft.Ruleset {
		return nft.Ruleset{Rules: []nft.Rule{{From: from, Rule: middlebox.Rule{Do: do, Packets: packets, Options: options{capable}}}}}
	}
	expectConnection(t, p, to, true, "s2", peers, client)
	for _, r := range []nft.Ruleset{
		rule(middlebox.Strip, middlebox.SYN, "client"),
		rule(middlebox.Strip, middlebox.SYNACK, "server2"),
		rule(middlebox.Strip, middlebox.Later, ""),
	} {
		install(t, p.router, r)
		expectConnection(t, p, to, false, "s2", peers, client)
		if c := counts(t, p); len(c) != 1 || c[0].Packets == 0 {
			t.Errorf("%s: counters are %+v", r, c)
		}
	}
	install(t, p.router, rule(middlebox.Reset, middlebox.SYN, ""))
	if _, _, err := connect(t, p, to, patience); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("past a reset: %v, want %v", err, unix.ECONNREFUSED)
	}
	expectCounts(t, p, nft.Counter{Rule: "reset mp_capable in syn", Packets: 1})
	install(t, p.router, rule(middlebox.Drop, middlebox.SYN, ""))
	if _, _, err := connect(t, p, to, 200*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("past a drop: %v, want %v", err, context.DeadlineExceeded)
	}
	install(t, p.router, nft.Ruleset{})
	expectConnection(t, p, to, true, "s2", peers, client)
}

func TestMasquerade(t *testing.T) {
	p := newPath(t, 1)
	install(t, p.router, nft.Ruleset{Masquerade: []string{"server2"}})
	for _, c := range []struct{ to, seen string }{{"10.2.0.2", "10.2.0.1"}, {"fd02::2", "fd02::1"}} {
		to := netip.AddrPortFrom(addr(c.to), 7000)
		expectConnection(t, p, to, true, "s2", serve(t, p.servers[0], to, "s2"), addr(c.seen))
	}
	// IPv6 looks for neighbours, too.
	if c := counts(t, p); len(c) != 1 || c[0].Rule != "masquerade server2" || c[0].Packets < 2 {
		t.Errorf("counters are %+v", c)
	}
}

func TestBalance(t *testing.T) {
	for _, c := range []struct {
		virtual, client string
		to              []netip.Addr
	}{
		{"10.9.0.1", "10.1.0.2", []netip.Addr{addr("10.2.0.2"), addr("10.3.0.2")}},
		{"fd09::1", "fd01::2", []netip.Addr{addr("fd02::2"), addr("fd03::2")}},
	} {
		p := newPath(t, 2)
		resets := nft.Rule{Rule: middlebox.Rule{Do: middlebox.Reset, Options: options{capable}, Packets: middlebox.SYN}}
		r := nft.Ruleset{Balance: []nft.Balance{{Address: addr(c.virtual), To: c.to}}}
		install(t, p.router, r)
		to := netip.AddrPortFrom(addr(c.virtual), 7000)
		first := serve(t, p.servers[0], netip.AddrPortFrom(c.to[0], 7000), "s2")
		second := serve(t, p.servers[1], netip.AddrPortFrom(c.to[1], 7000), "s3")
		for range 2 {
			expectConnection(t, p, to, true, "s2", first, addr(c.client))
			expectConnection(t, p, to, true, "s3", second, addr(c.client))
		}
		expectCounts(t, p, nft.Counter{Rule: "balance " + c.virtual, Packets: 4})
		// The reset has to come from the address that the client knows.
		r.Rules = []nft.Rule{resets}
		install(t, p.router, r)
		if _, _, err := connect(t, p, to, patience); !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("reset behind the balancer: %v, want %v", err, unix.ECONNREFUSED)
		}
	}
}

// TestBalancedJoin has a second subflow go to another server than the first.
func TestBalancedJoin(t *testing.T) {
	p := newPath(t, 2)
	must(t, dial(t, p.client).AddAddress("eth0", netip.MustParsePrefix("10.1.0.3/24")))
	netnstest.Output(t, p.client, "ip mptcp endpoint add 10.1.0.3 dev eth0 subflow")
	install(t, p.router, nft.Ruleset{Balance: []nft.Balance{
		{Address: addr("10.9.0.1"), To: []netip.Addr{addr("10.2.0.2"), addr("10.3.0.2")}}}})
	serve(t, p.servers[0], netip.MustParseAddrPort("10.2.0.2:7000"), "s2")
	serve(t, p.servers[1], netip.MustParseAddrPort("10.3.0.2:7000"), "s3")
	other := tap(t, p.servers[1], "eth0")
	if _, said, err := connect(t, p, netip.MustParseAddrPort("10.9.0.1:7000"), patience); err != nil || said != "s2" {
		t.Fatalf("the first subflow: %q, %v", said, err)
	}
	join, _ := next(t, other)
	if join.tcp == nil || !join.tcp.SYN || join.from != addr("10.1.0.3") || !slices.Equal(join.options, options{joining}) {
		t.Errorf("the other server gets %v with %v from %v, want MP_JOIN in a SYN", join.tcp, join.options, join.from)
	}
	if answer, _ := next(t, other); answer.tcp == nil || !answer.tcp.RST {
		t.Errorf("the other server answers %v, want a reset", answer.tcp)
	}
}

// TestSynProxyAndMasquerade has the proxy's own connection masqueraded.
func TestSynProxyAndMasquerade(t *testing.T) {
	p := newPath(t, 1)
	install(t, p.router, nft.Ruleset{Masquerade: []string{"server2"}, SynProxy: []nft.SynProxy{{Port: 7000}}})
	to := netip.MustParseAddrPort("10.2.0.2:7000")
	expectConnection(t, p, to, false, "s2", serve(t, p.servers[0], to, "s2"), addr("10.2.0.1"))
}

func TestSynProxy(t *testing.T) {
	p := newPath(t, 1)
	install(t, p.router, nft.Ruleset{SynProxy: []nft.SynProxy{
		{Port: 7000, Address: addr("10.2.0.2")}, {Port: 7001}}})
	for _, c := range []struct {
		to, client string
		multipath  bool
	}{
		{"10.2.0.2:7000", "10.1.0.2", false}, {"[fd02::2]:7000", "fd01::2", true},
		{"10.2.0.2:7001", "10.1.0.2", false}, {"[fd02::2]:7001", "fd01::2", false},
	} {
		to := netip.MustParseAddrPort(c.to)
		expectConnection(t, p, to, c.multipath, "s2", serve(t, p.servers[0], to, "s2"), addr(c.client))
	}
	// A SYN and an ACK make a connection.
	expectCounts(t, p, nft.Counter{Rule: "synproxy 10.2.0.2:7000", Packets: 2}, nft.Counter{Rule: "synproxy 7001", Packets: 4})
}

// TestSynProxyStrays has packets that belong to no connection go to a port with
// a proxy; the first that arrives is the last, to another port.
func TestSynProxyStrays(t *testing.T) {
	p := newPath(t, 1)
	install(t, p.router, nft.Ruleset{SynProxy: []nft.SynProxy{{Port: 7000}}})
	from, to := netip.MustParseAddrPort("10.1.0.2:20000"), addr("10.2.0.2")
	server := tap(t, p.servers[0], "eth0")
	var packets [][]byte
	for _, flags := range []string{"A", "R", "RA", "SA"} {
		packets = append(packets, probe{flags, nil}.packet(t, from, netip.AddrPortFrom(to, 7000)))
	}
	inject(t, p.client, to, append(packets, probe{"S", nil}.packet(t, from, netip.AddrPortFrom(to, 9))))
	if s, _ := next(t, server); s.tcp == nil || s.tcp.DstPort != 9 {
		t.Errorf("%v arrives", s.tcp)
	}
}
