package tap_test

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// patience is how long anything may take on a busy machine.
const patience = 20 * time.Second

// pair makes two namespaces with n cables between them, a0 to b0 and so on, with
// the addresses 10.0.i.1 and 10.0.i.2, and without IPv6, which chatters.
func pair(t testing.TB, n int) (a, b *netns.NS) {
	t.Helper()
	a, b = quiet(t), quiet(t)
	for i := range n {
		lay(t, a, b, i)
	}
	return a, b
}

func quiet(t testing.TB) *netns.NS {
	t.Helper()
	ns := netnstest.New(t)
	must(t, ns.SetSysctl("net.ipv6.conf.default.disable_ipv6", "1"))
	with(t, ns, func(c *rtnl.Conn) error { return c.SetUp("lo") })
	return ns
}

// lay lays cable i.
func lay(t testing.TB, a, b *netns.NS, i int) {
	t.Helper()
	near, far := fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)
	with(t, a, func(c *rtnl.Conn) error { return c.AddVeth(near, far, b.Fd()) })
	for end, ns := range map[string]*netns.NS{near: a, far: b} {
		address := fmt.Sprintf("10.0.%d.%d/24", i, end[0]-'a'+1)
		with(t, ns, func(c *rtnl.Conn) error { return c.AddAddress(end, netip.MustParsePrefix(address)) })
		with(t, ns, func(c *rtnl.Conn) error { return c.SetUp(end) })
	}
	with(t, a, func(c *rtnl.Conn) error { return awaitRunning(c, near) })
	with(t, b, func(c *rtnl.Conn) error { return awaitRunning(c, far) })
}

// awaitRunning waits for what the kernel tells a while after both ends are up.
func awaitRunning(c *rtnl.Conn, name string) error {
	for start := time.Now(); time.Since(start) < patience; time.Sleep(time.Millisecond) {
		if running, err := c.IsRunning(name); running || err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is not running", name)
}

func with(t testing.TB, ns *netns.NS, do func(*rtnl.Conn) error) {
	t.Helper()
	c, err := rtnl.Dial(ns.Fd())
	must(t, err)
	defer c.Close()
	must(t, do(c))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sender has a socket in a namespace that sends to an address with port.
func sender(t testing.TB, ns *netns.NS, to string) *net.UDPConn {
	t.Helper()
	var c *net.UDPConn
	must(t, ns.Do(func() (err error) {
		c, err = net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(to)))
		return err
	}))
	t.Cleanup(func() { c.Close() })
	return c
}

// sink takes datagrams at an address with port, so that nobody complains.
func sink(t testing.TB, ns *netns.NS, at string) {
	t.Helper()
	must(t, ns.Do(func() error {
		c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at)))
		if err == nil {
			t.Cleanup(func() { c.Close() })
		}
		return err
	}))
}

// send sends datagrams that are numbered.
func send(t testing.TB, c *net.UDPConn, first, count, length int) {
	t.Helper()
	for n := range count {
		_, err := c.Write(numbered(first+n, length))
		must(t, err)
	}
}

func numbered(n, length int) []byte {
	b := make([]byte, length)
	copy(b, fmt.Sprintf("%08d", n))
	return b
}
