package rtnl_test

import (
	"fmt"
	"net/netip"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// crossroads is a host with two interfaces, whose addresses are .1, and a router .2 on
// each.
func crossroads(t testing.TB) (h host, one, two int) {
	t.Helper()
	h = newHost(t)
	far := newHost(t)
	must(t, h.AddVeth("one", "one", far.Fd()), h.AddVeth("two", "two", far.Fd()))
	for _, name := range []string{"one", "two"} {
		must(t, h.SetUp(name), far.SetUp(name))
	}
	ip(t, h.NS, "link set lo up", "addr add 10.0.1.1/24 dev one", "addr add 10.0.2.1/24 dev two",
		"addr add fd00:1::1/64 dev one nodad", "addr add fd00:2::1/64 dev two nodad")
	one, err := h.LinkIndex("one")
	must(t, err)
	two, err = h.LinkIndex("two")
	must(t, err)
	return h, one, two
}

func TestLookup(t *testing.T) {
	t.Parallel()
	h, one, two := crossroads(t)
	ip(t, h.NS, "route add default via 10.0.1.2 metric 5", "-6 route add default via fd00:1::2 metric 5",
		"route add default via 10.0.2.2 table 100", "-6 route add default via fd00:2::2 table 100",
		"rule add from 10.0.2.1 lookup 100", "-6 rule add from fd00:2::1 lookup 100",
		"route add unreachable 198.51.100.0/24", "-6 route add unreachable 2001:db8:1::/64",
		"route add prohibit 198.51.101.0/24", "route add blackhole 198.51.102.0/24", "-6 route add blackhole 2001:db8:2::/64",
		"route add 203.0.113.0/24 nexthop via 10.0.1.2 dev one nexthop via 10.0.2.2 dev two",
		"-6 route add 2001:db8:9::/64 via fd00:2::2")
	addr := func(s string) (a netip.Addr) {
		if s != "" {
			a = netip.MustParseAddr(s)
		}
		return a
	}
	for _, c := range []struct {
		to, from string
		link     int
		want     string
		err      error
	}{
		{"192.0.2.1", "", 0, fmt.Sprintf("0.0.0.0/0 10.0.1.2 %d table 254 metric 5", one), nil},
		{"::ffff:192.0.2.1", "::ffff:10.0.1.1", 0, fmt.Sprintf("0.0.0.0/0 10.0.1.2 %d table 254 metric 5", one), nil},
		{"192.0.2.1", "10.0.2.1", 0, fmt.Sprintf("0.0.0.0/0 10.0.2.2 %d table 100 metric 0", two), nil}, // by the rule
		{"192.0.2.1", "10.0.2.1", two, fmt.Sprintf("0.0.0.0/0 10.0.2.2 %d table 100 metric 0", two), nil},
		{"192.0.2.1", "10.0.1.1", one, fmt.Sprintf("0.0.0.0/0 10.0.1.2 %d table 254 metric 5", one), nil},
		{"192.0.2.1", "10.0.1.1", two, "", unix.ENETUNREACH}, // `ip route get` says: on the link
		{"10.0.2.9", "10.0.2.1", two, fmt.Sprintf("0.0.0.0/0 10.0.2.2 %d table 100 metric 0", two), nil},
		{"10.0.1.9", "10.0.1.1", one, fmt.Sprintf("10.0.1.0/24 invalid IP %d table 254 metric 0", one), nil},
		{"10.0.2.9", "10.0.1.1", one, fmt.Sprintf("0.0.0.0/0 10.0.1.2 %d table 254 metric 5", one), nil},
		{"203.0.113.1", "", two, fmt.Sprintf("203.0.113.0/24 10.0.2.2 %d table 254 metric 0", two), nil},
		{"203.0.113.1", "10.0.1.1", one, fmt.Sprintf("203.0.113.0/24 10.0.1.2 %d table 254 metric 0", one), nil},
		{"10.0.1.1", "", 0, fmt.Sprintf("10.0.1.1/32 invalid IP %d table 255 metric 0", one), nil}, // local
		{"127.0.0.1", "", 0, "127.0.0.1/32 invalid IP 1 table 255 metric 0", nil},
		{"198.51.100.1", "", 0, "", unix.EHOSTUNREACH},
		{"198.51.100.1", "10.0.1.1", one, "", unix.ENETUNREACH},
		{"198.51.101.1", "", 0, "", unix.EACCES},
		{"198.51.102.1", "", 0, "", unix.ENETUNREACH},
		{"198.51.102.1", "10.0.1.1", 0, "", unix.ENETUNREACH},
		{"192.0.2.1", "192.0.2.7", 0, "", unix.ENETUNREACH},
		{"192.0.2.1", "", 4711, "", unix.ENODEV},
		{"192.0.2.1", "fd00:1::1", 0, "", unix.EINVAL},
		{"", "fd00:1::1", 0, "", unix.EINVAL},

		{"2001:db8::1", "", 0, fmt.Sprintf("::/0 fd00:1::2 %d table 254 metric 5", one), nil},
		{"2001:db8::1", "fd00:2::1", 0, fmt.Sprintf("::/0 fd00:2::2 %d table 100 metric 1024", two), nil},
		{"2001:db8::1", "fd00:2::1", two, fmt.Sprintf("::/0 fd00:2::2 %d table 100 metric 1024", two), nil},
		{"2001:db8::1", "fd00:1::1", one, fmt.Sprintf("::/0 fd00:1::2 %d table 254 metric 5", one), nil},
		{"2001:db8::1", "fd00:1::1", two, "", unix.ENETUNREACH},
		// A route with a longer prefix leads elsewhere.
		{"2001:db8:9::1", "fd00:1::1", one, fmt.Sprintf("2001:db8:9::1/128 fd00:1::2 %d table 254 metric 5", one), nil},
		{"fd00:2::9", "fd00:2::1", two, fmt.Sprintf("::/0 fd00:2::2 %d table 100 metric 1024", two), nil},
		{"fe80::9", "", two, fmt.Sprintf("fe80::/64 invalid IP %d table 254 metric 256", two), nil},
		{"fe80::9%one", "", two, fmt.Sprintf("fe80::/64 invalid IP %d table 254 metric 256", two), nil},
		{"fd00:1::1", "", 0, fmt.Sprintf("fd00:1::1/128 invalid IP %d table 255 metric 0", one), nil},
		{"2001:db8:1::1", "", 0, "", unix.EHOSTUNREACH},
		{"2001:db8:2::1", "", 0, "", unix.ENETUNREACH},
	} {
		t.Run(fmt.Sprintf("%s,from=%s,link=%d", c.to, c.from, c.link), func(t *testing.T) {
			hop, err := h.Lookup(addr(c.to), addr(c.from), c.link)
			if c.err != nil {
				refused(t, err, c.err, "look up the route to")
				return
			}
			must(t, err)
			got := fmt.Sprintf("%v %v %d table %d metric %d", hop.To, hop.Via, hop.Link, hop.Table, hop.Metric)
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestDeleteRouteAndRule: what has the protocol goes, what is like it stays.
func TestDeleteRouteAndRule(t *testing.T) {
	t.Parallel()
	h, one, _ := crossroads(t)
	for _, via := range []string{"10.0.1.2", "fd00:1::2"} {
		via := netip.MustParseAddr(via)
		family := map[bool]string{true: "-4", false: "-6"}[via.Is4()]
		ours := rtnl.Route{Via: via, Link: one, Table: 300, Protocol: rtnl.Protocol}
		from := netip.PrefixFrom(via, via.BitLen())
		rule := rtnl.Rule{From: from, Table: 300, Priority: 20, Protocol: rtnl.Protocol}
		must(t, h.AddRoute(ours), h.AddRule(rule))
		ip(t, h.NS, family+" route add default via "+via.String()+" dev one table 300 metric 9",
			family+" rule add from "+via.String()+" lookup 301 prio 20")
		o := observe(t, h.NS)
		if p := o.Picture(); len(p.Own) != 1 || p.Own[0].Link != one || p.Own[0].Via != via {
			t.Errorf("own routes %v, want one over %d", p.Own, one)
		}
		agree(t, h.NS, o)
		must(t, h.DeleteRoute(ours), h.DeleteRule(rule))
		agree(t, h.NS, o)
		refused(t, h.DeleteRoute(ours), unix.ESRCH, "delete route to anywhere")
		refused(t, h.DeleteRule(rule), unix.ENOENT, "delete rule for table 300")
		if left := netnstest.Output(t, h.NS, "ip "+family+" route show table 300"); left == "" {
			t.Error("another one's route is gone")
		}
		if left := netnstest.Output(t, h.NS, "ip "+family+" rule show prio 20"); left == "" {
			t.Error("another one's rule is gone")
		}
	}
}
