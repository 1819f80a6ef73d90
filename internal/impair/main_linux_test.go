package impair

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// A bed is two hosts, each with one end of a veth pair, whose far ends are in a
// namespace in the middle: a for the client, b for the server.
type bed struct {
	client, middle, server *netns.NS
}

const (
	clientIP = "10.9.0.1"
	serverIP = "10.9.0.2"
)

func newBed(t testing.TB) *bed {
	t.Helper()
	b := &bed{netnstest.New(t), netnstest.New(t), netnstest.New(t)}
	for _, ns := range []*netns.NS{b.client, b.middle, b.server} {
		// IPv6 chatters when links come up.
		if err := ns.SetSysctl("net.ipv6.conf.default.disable_ipv6", "1"); err != nil {
			t.Fatal(err)
		}
	}
	cable(t, b.client, "eth0", clientIP, b.middle, "a")
	cable(t, b.server, "eth0", serverIP, b.middle, "b")
	return b
}

// cable makes a veth pair without offloads at its near end.
func cable(t testing.TB, host *netns.NS, near, address string, middle *netns.NS, far string) {
	t.Helper()
	configure(t, host, func(c *rtnl.Conn) error { return c.AddVeth(near, far, middle.Fd()) })
	if err := DisableOffloads(host, near); err != nil {
		t.Fatal(err)
	}
	configure(t, middle, func(c *rtnl.Conn) error { return c.SetUp(far) })
	configure(t, host, func(c *rtnl.Conn) error { return c.SetUp(near) })
	prefix := netip.PrefixFrom(netip.MustParseAddr(address), 24)
	configure(t, host, func(c *rtnl.Conn) error { return c.AddAddress(near, prefix) })
}

func configure(t testing.TB, ns *netns.NS, do func(*rtnl.Conn) error) {
	t.Helper()
	c, err := rtnl.Dial(ns.Fd())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := do(c); err != nil {
		t.Fatal(err)
	}
}

// open joins the far ends.
func (b *bed) open(t testing.TB, ab, ba Params, o Options) *Link {
	t.Helper()
	l, err := Open(Port{b.middle, "a"}, Port{b.middle, "b"}, ab, ba, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// datagrams makes connected UDP sockets of client and server.
func (b *bed) datagrams(t testing.TB) (client, server *net.UDPConn) {
	t.Helper()
	at := func(ip string) *net.UDPAddr {
		return net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 4000))
	}
	dial := func(ns *netns.NS, from, to string) (c *net.UDPConn) {
		err := ns.Do(func() (err error) {
			c, err = net.DialUDP("udp4", at(from), at(to))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(20 * time.Second))
		c.SetReadBuffer(4 << 20)
		return c
	}
	return dial(b.client, clientIP, serverIP), dial(b.server, serverIP, clientIP)
}

// connect makes a TCP connection.
func (b *bed) connect(t testing.TB) (client, server *net.TCPConn) {
	t.Helper()
	at := &net.TCPAddr{IP: net.ParseIP(serverIP), Port: 4000}
	var listener *net.TCPListener
	err := b.server.Do(func() (err error) {
		listener, err = net.ListenTCP("tcp4", at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = b.client.Do(func() (err error) {
		client, err = net.DialTCP("tcp4", nil, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetDeadline(time.Now().Add(10 * time.Second))
	if server, err = listener.AcceptTCP(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*net.TCPConn{client, server} {
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(20 * time.Second))
	}
	return client, server
}

// eventually waits for something to become so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("not after 10 s: %s", what)
		}
	}
}

// openSocket opens a packet socket of a ring of frames on a port.
func openSocket(p Port, frames int) (*socket, error) {
	s, err := newSocket(p)
	if err != nil {
		return nil, err
	}
	if err := s.setUp(frames); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}
