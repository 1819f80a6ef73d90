package rtnl_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// until waits for a Picture.
func until(t testing.TB, o *rtnl.Observer, what string, is func(*rtnl.Picture) bool) *rtnl.Picture {
	t.Helper()
	end := time.Now().Add(15 * time.Second)
	for !is(o.Picture()) {
		if changed, _ := next(t, o, time.Until(end)); !changed {
			t.Fatalf("no %s; the picture is\n%v", what, byPicture(o.Picture()))
		}
	}
	return o.Picture()
}

// find is the address that is there, and usable or not as told.
func find(p *rtnl.Picture, address string) (found rtnl.Address, ok bool) {
	for _, a := range p.Addresses {
		if a.Addr() == netip.MustParseAddr(address) {
			return a, true
		}
	}
	return found, false
}

func TestPointToPoint(t *testing.T) {
	t.Parallel()
	left, _ := pair(t)
	o := observe(t, left.NS)
	tun := "tun0"
	if os.Geteuid() == 0 && unix.Access("/dev/net/tun", unix.R_OK|unix.W_OK) == nil {
		ip(t, left.NS, "tuntap add tun0 mode tun")
	} else { // An ordinary user may not open the device: a cable has addresses of both ends too.
		tun = "left0"
	}
	ip(t, left.NS, "link set "+tun+" up", "addr add 10.8.0.1 peer 10.8.0.2/32 dev "+tun,
		"addr add 10.8.0.1 peer 10.8.0.3/32 dev "+tun, "addr add fd00:8::1 peer fd00:8::2/128 nodad dev "+tun,
		"addr add 10.9.0.1 peer 10.9.0.2/24 dev left0")
	agree(t, left.NS, o)
	p := o.Picture()
	for address, peer := range map[string]string{"fd00:8::1": "fd00:8::2", "10.9.0.1": "10.9.0.2"} {
		a, ok := find(p, address)
		if !ok || a.Peer != netip.MustParseAddr(peer) {
			t.Errorf("%s is %+v, want the peer %s", address, a, peer)
		}
		if l := p.Links[a.Link]; l.PointToPoint != (l.Name == "tun0") || (l.Kind == "tun") != (l.Name == "tun0") {
			t.Errorf("link %+v", l)
		}
	}
	if _, ok := find(p, "10.8.0.2"); ok {
		t.Error("the other end's address is taken for an own one")
	}
	ip(t, left.NS, "addr del 10.8.0.1 peer 10.8.0.2/32 dev "+tun, "addr change fd00:8::1 peer fd00:8::9/128 nodad dev "+tun)
	agree(t, left.NS, o)
}

// TestDuplicateAddress: an address is tentative, then it is good, or somebody has it.
func TestDuplicateAddress(t *testing.T) {
	t.Parallel()
	left, right := pair(t)
	must(t, left.SetUp("left0"), right.SetUp("right0"))
	o := observe(t, left.NS)
	until(t, o, "carrier", func(p *rtnl.Picture) bool {
		for _, l := range p.Links {
			if l.Name == "left0" {
				return l.Running
			}
		}
		return false
	})
	ip(t, right.NS, "addr add fd00:1::5/64 dev right0 nodad")
	ip(t, left.NS, "addr add fd00:1::5/64 dev left0", "addr add fd00:1::6/64 dev left0", "addr add fd00:1::7/64 dev left0 optimistic")
	until(t, o, "tentative address", func(p *rtnl.Picture) bool { a, ok := find(p, "fd00:1::6"); return ok && a.Tentative() })
	p := until(t, o, "failure", func(p *rtnl.Picture) bool {
		bad, ok := find(p, "fd00:1::5")
		good, _ := find(p, "fd00:1::6")
		return ok && bad.DADFailed() && !good.Tentative()
	})
	if a, _ := find(p, "fd00:1::6"); a.DADFailed() || !a.Prefix.IsValid() {
		t.Errorf("%+v", a)
	}
	agree(t, left.NS, o)
}

func TestLifetimes(t *testing.T) {
	t.Parallel()
	left, _ := pair(t)
	o := observe(t, left.NS)
	ip(t, left.NS, "link set left0 up", "addr add 10.0.1.1/24 dev left0 valid_lft 1000 preferred_lft 500", "addr add 10.0.1.2/24 dev left0",
		"addr add fd00:1::1/64 dev left0 nodad valid_lft 3 preferred_lft 1")
	p := until(t, o, "addresses", func(p *rtnl.Picture) bool { _, ok := find(p, "fd00:1::1"); return ok })
	a, _ := find(p, "10.0.1.1")
	if a.Preferred > 500*time.Second || a.Preferred < 450*time.Second || a.Valid > 1000*time.Second || a.Valid < 950*time.Second {
		t.Errorf("10.0.1.1 lives %v and %v, want about 500s and 1000s", a.Preferred, a.Valid)
	}
	if a, _ := find(p, "10.0.1.2"); a.Preferred != -1 || a.Valid != -1 {
		t.Errorf("10.0.1.2 lives %v and %v, want for ever", a.Preferred, a.Valid)
	}
	ip(t, left.NS, "addr change 10.0.1.1/24 dev left0 valid_lft 5000 preferred_lft 4000")
	next(t, o, 10*time.Millisecond)
	if a, _ := find(o.Picture(), "10.0.1.1"); a.Preferred < 3900*time.Second {
		t.Errorf("after its renewal it lives %v", a.Preferred)
	}
	until(t, o, "deprecated address", func(p *rtnl.Picture) bool { a, ok := find(p, "fd00:1::1"); return ok && a.Deprecated() })
	until(t, o, "end of an address", func(p *rtnl.Picture) bool { _, ok := find(p, "fd00:1::1"); return !ok })
	agree(t, left.NS, o)
}

func TestPromoteSecondaries(t *testing.T) {
	t.Parallel()
	for _, promote := range []string{"0", "1"} {
		left, _ := pair(t)
		must(t, left.SetSysctl("net.ipv4.conf.all.promote_secondaries", promote), left.SetSysctl("net.ipv4.conf.left0.promote_secondaries", promote))
		o := observe(t, left.NS)
		ip(t, left.NS, "link set left0 up", "addr add 10.0.1.1/24 dev left0", "addr add 10.0.1.2/24 dev left0", "addr add 10.0.1.3/24 dev left0",
			"route add default via 10.0.1.9 src 10.0.1.2")
		agree(t, left.NS, o)
		ip(t, left.NS, "addr del 10.0.1.1/24 dev left0")
		agree(t, left.NS, o)
		if _, ok := find(o.Picture(), "10.0.1.2"); ok != (promote == "1") {
			t.Errorf("promote_secondaries %s: the second address is there: %v", promote, ok)
		}
	}
}

// TestCarrierFlap: the other end of the cable goes down and up again.
func TestCarrierFlap(t *testing.T) {
	t.Parallel()
	left, right := pair(t)
	must(t, left.SetUp("left0"), right.SetUp("right0"))
	ip(t, left.NS, "addr add 10.0.1.1/24 dev left0", "addr add fd00:1::1/64 dev left0 nodad", "route add default via 10.0.1.2", "-6 route add default via fd00:1::2")
	o := observe(t, left.NS)
	routes := func(n int) func(*rtnl.Picture) bool {
		return func(p *rtnl.Picture) bool { return len(p.Defaults) == n }
	}
	for range 3 {
		until(t, o, "default routes", routes(2))
		must(t, right.SetDown("right0"))
		until(t, o, "end of the default routes", routes(0))
		agree(t, left.NS, o)
		must(t, right.SetUp("right0"))
		until(t, o, "default routes again", routes(2))
		agree(t, left.NS, o)
	}
}

// advertise sends a router's advertisement (RFC 4861, section 4.2) with a prefix for
// addresses. Times are in seconds.
func advertise(t testing.TB, router host, name string, routerLife uint16, valid, preferred uint32) {
	t.Helper()
	index, err := router.LinkIndex(name)
	must(t, err)
	b := []byte{134, 0, 0, 0, 64, 0}
	b = binary.BigEndian.AppendUint16(b, routerLife)
	b = append(b, make([]byte, 8)...)
	b = append(b, 3, 4, 64, 0xc0) // a prefix: on the link, for addresses
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, valid), preferred)
	prefix := netip.MustParseAddr("2001:db8:5::").As16()
	b = append(append(b, 0, 0, 0, 0), prefix[:]...)
	must(t, router.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMPV6)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, 255); err != nil {
			return err
		}
		to := unix.SockaddrInet6{ZoneId: uint32(index), Addr: [16]byte(net.ParseIP("ff02::1"))}
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			err = unix.Sendto(fd, b, 0, &to) // The router's own link-local address may come late.
			if err != unix.EADDRNOTAVAIL || time.Now().After(end) {
				return err
			}
		}
	}))
}

// TestRouterAdvertisement: a default route with a lifetime, which another advertisement
// makes longer without a message of the kernel; addresses of the prefix, temporary too.
func TestRouterAdvertisement(t *testing.T) {
	t.Parallel()
	left, right := pair(t)
	must(t, left.SetSysctl("net.ipv6.conf.left0.use_tempaddr", "2"), left.SetSysctl("net.ipv6.conf.left0.accept_dad", "0"),
		right.SetSysctl("net.ipv6.conf.right0.accept_dad", "0"))
	o := observe(t, left.NS)
	must(t, left.SetUp("left0"), right.SetUp("right0"))
	until(t, o, "link-local address", func(p *rtnl.Picture) bool { return len(p.Addresses) > 0 && !p.Addresses[0].Tentative() })
	advertise(t, right, "right0", 3, 3600, 1800)
	p := until(t, o, "default route and addresses", func(p *rtnl.Picture) bool {
		temporary := false
		for _, a := range p.Addresses {
			temporary = temporary || a.Temporary()
		}
		return temporary && len(p.Defaults) == 1
	})
	if h := p.Defaults[0]; h.Protocol != unix.RTPROT_RA || !h.Via.IsLinkLocalUnicast() {
		t.Errorf("default route %+v", h)
	}
	begin := time.Now()
	advertise(t, right, "right0", 5, 3600, 1800)
	until(t, o, "end of the default route", func(p *rtnl.Picture) bool { return len(p.Defaults) == 0 })
	if passed := time.Since(begin); passed < 4*time.Second {
		t.Errorf("it ended %v after it was made to last 5 s", passed)
	}
	advertise(t, right, "right0", 1800, 3600, 1800)
	until(t, o, "default route again", func(p *rtnl.Picture) bool { return len(p.Defaults) == 1 })
	agree(t, left.NS, o)
}

// TestNextHopNumbersOnly: the kernel tells the number of a route's next hop alone.
func TestNextHopNumbersOnly(t *testing.T) {
	t.Parallel()
	h, one, two := crossroads(t)
	must(t, h.SetSysctl("net.ipv4.nexthop_compat_mode", "0"))
	ip(t, h.NS, "nexthop add id 1 via 10.0.1.2 dev one", "nexthop add id 2 via 10.0.2.2 dev two", "nexthop add id 3 group 1/2",
		"route add default nhid 3", "nexthop add id 6 via fd00:1::2 dev one")
	o := observe(t, h.NS)
	hops := func(want ...string) func(*rtnl.Picture) bool {
		return func(p *rtnl.Picture) bool {
			got := []string{}
			for _, hop := range p.Defaults {
				got = append(got, fmt.Sprint(hop.Via, "@", hop.Link))
			}
			return strings.Join(got, " ") == strings.Join(want, " ")
		}
	}
	first, second := fmt.Sprint("10.0.1.2@", one), fmt.Sprint("10.0.2.2@", two)
	until(t, o, "two hops", hops(first, second))
	ip(t, h.NS, "nexthop del id 2")
	until(t, o, "one hop", hops(first))
	ip(t, h.NS, "nexthop replace id 1 via 10.0.1.7 dev one")
	until(t, o, "another hop", hops(fmt.Sprint("10.0.1.7@", one)))
	ip(t, h.NS, "route del default", "-6 route add default nhid 6")
	until(t, o, "a hop of IPv6", hops(fmt.Sprint("fd00:1::2@", one)))
	ip(t, h.NS, "nexthop del id 6")
	until(t, o, "no hop", hops())
}
