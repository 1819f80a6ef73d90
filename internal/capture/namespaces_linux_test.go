package capture

import (
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/jsimonetti/rtnetlink/v2/driver"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// loopback makes a namespace whose lo is up.
func loopback(t testing.TB) *netns.NS {
	t.Helper()
	ns := netnstest.New(t)
	routes(t, ns, func(c *rtnetlink.Conn) error { return up(c, "lo") })
	return ns
}

// pairs makes two namespaces with n cables between them: a0 to b0 and so on. On
// cable i, a has the address 10.0.i.1, b has 10.0.i.2. There is no IPv6, which
// chatters when links come up.
func pairs(t testing.TB, n int) (a, b *netns.NS) {
	t.Helper()
	return cables(t, n, "net.ipv6.conf.default.disable_ipv6", unix.AF_INET)
}

// pairs6 is as pairs, with IPv6 besides: fd00:i::1 and fd00:i::2.
func pairs6(t testing.TB, n int) (a, b *netns.NS) {
	t.Helper()
	return cables(t, n, "net.ipv6.conf.default.addr_gen_mode", unix.AF_INET, unix.AF_INET6)
}

func cables(t testing.TB, n int, quieter string, families ...uint8) (a, b *netns.NS) {
	t.Helper()
	a, b = netnstest.New(t), netnstest.New(t)
	for _, ns := range []*netns.NS{a, b} {
		if err := ns.SetSysctl(quieter, "1"); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		lay(t, a, b, i, families...)
	}
	return a, b
}

// lay lays cable i between two namespaces.
func lay(t testing.TB, a, b *netns.NS, i int, families ...uint8) {
	t.Helper()
	name, peer := fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)
	routes(t, a, func(c *rtnetlink.Conn) error { return cable(c, name, peer, b) })
	routes(t, a, func(c *rtnetlink.Conn) error { return configure(c, name, byte(i), 1, families) })
	routes(t, b, func(c *rtnetlink.Conn) error { return configure(c, peer, byte(i), 2, families) })
}

func routes(t testing.TB, ns *netns.NS, do func(*rtnetlink.Conn) error) {
	t.Helper()
	c, err := rtnetlink.Dial(&netlink.Config{NetNS: ns.Fd()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := do(c); err != nil {
		t.Fatal(err)
	}
}

func cable(c *rtnetlink.Conn, name, peer string, ns *netns.NS) error {
	return c.Link.New(&rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{
		Name: name,
		Info: &rtnetlink.LinkInfo{Kind: "veth", Data: &driver.Veth{
			PeerInfo: &rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{
				Name: peer, NetNS: rtnetlink.NetNSForFD(uint32(ns.Fd())),
			}},
		}},
	}})
}

func configure(c *rtnetlink.Conn, name string, cable, host byte, families []uint8) error {
	link, err := find(c, name)
	if err != nil {
		return err
	}
	ips := map[uint8]net.IP{
		unix.AF_INET:  {10, 0, cable, host},
		unix.AF_INET6: {0: 0xfd, 3: cable, 15: host},
	}
	for _, family := range families {
		ip := ips[family]
		err := c.Address.New(&rtnetlink.AddressMessage{
			Family: family, PrefixLength: uint8(len(ip) * 6), // 24 and 96
			Index:      link.Index,
			Attributes: &rtnetlink.AddressAttributes{Address: ip, Local: ip, Flags: unix.IFA_F_NODAD},
		})
		if err != nil {
			return err
		}
	}
	return up(c, name)
}

func up(c *rtnetlink.Conn, name string) error {
	link, err := find(c, name)
	if err != nil {
		return err
	}
	return c.Link.Set(&rtnetlink.LinkMessage{Index: link.Index, Flags: unix.IFF_UP, Change: unix.IFF_UP})
}

func find(c *rtnetlink.Conn, name string) (rtnetlink.LinkMessage, error) {
	links, err := c.Link.List()
	if err != nil {
		return rtnetlink.LinkMessage{}, err
	}
	for _, l := range links {
		if l.Attributes.Name == name {
			return l, nil
		}
	}
	return rtnetlink.LinkMessage{}, fmt.Errorf("%s: %w", name, os.ErrNotExist)
}

// wheel makes a namespace with a cable to each of n others, named and addressed
// as by pairs: a0, a1... to b0, b1... in a namespace each.
func wheel(t testing.TB, n int) (hub *netns.NS, leaves []*netns.NS) {
	t.Helper()
	quiet := func() *netns.NS {
		ns := netnstest.New(t)
		if err := ns.SetSysctl("net.ipv6.conf.default.disable_ipv6", "1"); err != nil {
			t.Fatal(err)
		}
		return ns
	}
	hub = quiet()
	for i := range n {
		leaves = append(leaves, quiet())
		lay(t, hub, leaves[i], i, unix.AF_INET)
	}
	return hub, leaves
}
