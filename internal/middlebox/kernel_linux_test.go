package middlebox_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/impair"
	"allroads/internal/middlebox"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
	"allroads/wire"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// cable joins a host to the middle by a veth pair without offloads.
func cable(t *testing.T, host, middle *netns.NS, far, address string) {
	t.Helper()
	configure(t, host, func(c *rtnl.Conn) error { return c.AddVeth("eth0", far, middle.Fd()) })
	if err := impair.DisableOffloads(host, "eth0"); err != nil {
		t.Fatal(err)
	}
	configure(t, middle, func(c *rtnl.Conn) error { return c.SetUp(far) })
	configure(t, host, func(c *rtnl.Conn) error { return c.SetUp("eth0") })
	configure(t, host, func(c *rtnl.Conn) error { return c.AddAddress("eth0", netip.MustParsePrefix(address)) })
}

func configure(t *testing.T, ns *netns.NS, do func(*rtnl.Conn) error) {
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

// connect makes an MPTCP connection between two hosts with a box in between.
func connect(t *testing.T, b *middlebox.Box) (client, server *net.TCPConn) {
	t.Helper()
	left, middle, right := netnstest.New(t), netnstest.New(t), netnstest.New(t)
	cable(t, left, middle, "a", "10.9.0.1/24")
	cable(t, right, middle, "b", "10.9.0.2/24")
	link, err := impair.Open(impair.Port{NS: middle, Interface: "a"}, impair.Port{NS: middle, Interface: "b"},
		impair.Params{}, impair.Params{}, impair.Options{
			Inspect: func(d impair.Direction, frame []byte) ([]byte, bool) { return b.Inspect(int(d), frame) },
		})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	listener := listen(t, right)
	dialer := net.Dialer{Timeout: 10 * time.Second}
	dialer.SetMultipathTCP(true)
	var c net.Conn
	if err := left.Do(func() (err error) { c, err = dialer.Dial("tcp4", "10.9.0.2:4000"); return err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	s, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, conn := range []net.Conn{c, s} {
		conn.SetDeadline(time.Now().Add(20 * time.Second))
	}
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

func listen(t *testing.T, host *netns.NS) *net.TCPListener {
	t.Helper()
	config := net.ListenConfig{}
	config.SetMultipathTCP(true)
	var listener net.Listener
	err := host.Do(func() (err error) {
		listener, err = config.Listen(context.Background(), "tcp4", "10.9.0.2:4000")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	listener.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Second))
	return listener.(*net.TCPListener)
}

// TestKernel: what kernels make of packets that a box has changed. A checksum
// that does not add up would keep everything from arriving.
func TestKernel(t *testing.T) {
	netnstest.Require(t)
	if _, err := netnstest.New(t).Sysctl("net.mptcp.enabled"); err != nil {
		netnstest.Missing(t, "MPTCP in the kernel")
	}
	capable := []wire.Subtype{wire.SubtypeMPCapable}
	rewrite := middlebox.Rule{Do: middlebox.Rewrite, Find: "user name", Replace: "USER NAME"}
	for _, c := range []struct {
		name      string
		rules     [2][]middlebox.Rule
		multipath bool
		received  string
	}{
		{"no rules", [2][]middlebox.Rule{}, true, "the user name is"},
		{"SYN", [2][]middlebox.Rule{{{Do: middlebox.Strip, Options: capable, Packets: middlebox.SYN}}}, false, "the user name is"},
		{"SYN/ACK", [2][]middlebox.Rule{1: {{Do: middlebox.Strip, Options: capable, Packets: middlebox.SYNACK}}}, false, "the user name is"},
		{"plain TCP rewritten", [2][]middlebox.Rule{{{Do: middlebox.Strip}, rewrite}}, false, "the USER NAME is"},
		{"MPTCP rewritten", [2][]middlebox.Rule{{rewrite}}, true, "the USER NAME is"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := middlebox.New(c.rules)
			if err != nil {
				t.Fatal(err)
			}
			client, server := connect(t, b)
			client.Write([]byte("the user name is"))
			client.CloseWrite()
			received, err := io.ReadAll(server)
			if err != nil || string(received) != c.received {
				t.Errorf("received %q, %v", received, err)
			}
			if multipath, err := client.MultipathTCP(); multipath != c.multipath {
				t.Errorf("multipath: %v, %v", multipath, err)
			}
			for d, counts := range b.Counts() {
				for i, n := range counts {
					if n == 0 {
						t.Errorf("rule %d of direction %d did nothing", i, d)
					}
				}
			}
		})
	}
}
