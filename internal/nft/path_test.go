package nft_test

import (
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/nft"
	"allroads/internal/rtnl"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// path is a client, the router under test, and servers behind it. The client
// has 10.1.0.2 and fd01::2, the servers 10.2.0.2 and fd02::2, 10.3.0.2 and so on;
// .1 and ::1 are the router, on the interfaces client, server2, server3.
type path struct {
	client, router *netns.NS
	servers        []*netns.NS
}

func newPath(t *testing.T, servers int) path {
	p := path{client: host(t), router: host(t)}
	for _, key := range []string{"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"} {
		must(t, p.router.SetSysctl(key, "1"))
	}
	join(t, p.router, "client", p.client, 1)
	for i := range servers {
		p.servers = append(p.servers, host(t))
		join(t, p.router, fmt.Sprint("server", i+2), p.servers[i], i+2)
	}
	return p
}

// host makes a namespace that does MPTCP and uses its link-local addresses at
// once, too.
func host(t *testing.T) *netns.NS {
	ns := netnstest.New(t)
	must(t, ns.SetSysctl("net.mptcp.enabled", "1"))
	must(t, ns.SetSysctl("net.ipv6.conf.default.accept_dad", "0"))
	return ns
}

// join makes network n between the router and a host, which sends everything by
// eth0.
func join(t *testing.T, router *netns.NS, name string, end *netns.NS, n int) {
	r, e := dial(t, router), dial(t, end)
	via4, via6 := netip.AddrFrom4([4]byte{10, byte(n), 0, 1}), netip.MustParseAddr(fmt.Sprintf("fd0%d::1", n))
	must(t, r.AddVeth(name, "eth0", end.Fd()))
	must(t, r.SetUp(name))
	must(t, e.SetUp("eth0"))
	must(t, r.AddAddress(name, netip.PrefixFrom(via4, 24)))
	must(t, r.AddAddress(name, netip.PrefixFrom(via6, 64)))
	must(t, e.AddAddress("eth0", netip.PrefixFrom(via4.Next(), 24)))
	must(t, e.AddAddress("eth0", netip.PrefixFrom(via6.Next(), 64)))
	must(t, e.AddRoute(rtnl.Route{Via: via4}))
	must(t, e.AddRoute(rtnl.Route{Via: via6}))
}

func dial(t *testing.T, ns *netns.NS) *rtnl.Conn {
	conn, err := rtnl.Dial(ns.Fd())
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func install(t testing.TB, ns *netns.NS, r nft.Ruleset) {
	t.Helper()
	must(t, nft.Install(ns, r))
}

// program runs nft(8), with each argument as it is.
func program(t testing.TB, ns *netns.NS, args ...string) string {
	t.Helper()
	file, err := exec.LookPath("nft")
	if err != nil {
		netnstest.Missing(t, "program nft")
	}
	var out []byte
	err = ns.Do(func() (err error) {
		out, err = exec.Command(file, args...).CombinedOutput()
		return err
	})
	if err != nil {
		t.Fatalf("nft %s: %v\n%.2000s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }
