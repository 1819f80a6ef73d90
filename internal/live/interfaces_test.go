package live

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/sockdiag"
)

// TestInterfaces names the interface that packets leave by, as `ip route get` does.
func TestInterfaces(t *testing.T) {
	ns := netnstest.New(t)
	for command := range strings.Lines(`ip link set lo up
ip link add one type veth peer name other
ip link add two type veth peer name another
ip link set one up
ip link set two up
ip link set other up
ip link set another up
ip address add 10.1.0.1/24 dev one
ip address add 10.2.0.1/24 dev two
ip address add 2001:db8:1::1/64 dev one nodad
ip address add 10.9.0.1/32 dev one
ip address add 10.9.0.1/32 dev two
ip address add 10.8.0.1 peer 10.8.0.2 dev two
ip route add 192.0.2.0/24 via 10.1.0.9
ip route add 192.0.2.0/24 via 10.2.0.9 table 7
ip rule add from 10.2.0.1 table 7
`) {
		netnstest.Output(t, ns, strings.TrimSpace(command))
	}
	i, err := openInterfaces(ns.Fd())
	if err != nil {
		t.Fatal(err)
	}
	defer i.close()
	if err := i.read(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{"10.1.0.1", "10.1.0.7", "one"},
		{"10.2.0.1", "192.0.2.1", "two"}, // by a rule
		{"10.1.0.1", "192.0.2.1", "one"},
		{"10.8.0.1", "10.8.0.2", "two"},
		{"10.1.0.1", "10.2.0.1", "lo"},
		{"127.0.0.7", "127.0.0.1", "lo"},
		{"::1", "::1", "lo"},
		{"2001:db8:1::1", "2001:db8:1::2", "one"},
		{"10.1.0.1", "198.51.100.1", "one"}, // no route: by its address
		{"10.8.0.1", "198.51.100.1", "two"},
		{"10.9.0.1", "198.51.100.1", ""}, // which two have
		{"198.51.100.2", "198.51.100.1", ""},
	} {
		f := sockdiag.Subflow{Local: netip.AddrPortFrom(netip.MustParseAddr(c.from), 1), Remote: netip.AddrPortFrom(netip.MustParseAddr(c.to), 2)}
		for range 2 { // The second time it is remembered.
			if got := i.of(&f); got != c.want {
				t.Errorf("from %s to %s: %q, want %q", c.from, c.to, got, c.want)
			}
		}
		for index, name := range i.names {
			if f.Interface = index; i.of(&f) != name {
				t.Errorf("bound to %s: %q", name, i.of(&f))
			}
		}
	}
}

// TestInterfacesForget: what has changed is known after a while, and at most so
// many routes are remembered.
func TestInterfacesForget(t *testing.T) {
	var r routes
	now := time.Now()
	r.forget(now)
	r.known[route{}] = 7
	if r.forget(now.Add(routesLast)); len(r.known) != 1 {
		t.Error("it is forgotten too soon")
	}
	if r.forget(now.Add(routesLast + 1)); len(r.known) != 0 {
		t.Error("it is not forgotten")
	}
	ns := netnstest.New(t)
	i, err := openInterfaces(ns.Fd())
	if err != nil {
		t.Fatal(err)
	}
	defer i.close()
	i.routes.forget(now)
	for n := range uint32(routesMost) {
		i.routes.known[route{to: netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})}] = 1
	}
	i.leaving(netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"))
	if len(i.routes.known) != 1 {
		t.Errorf("%d routes are remembered", len(i.routes.known))
	}
}

// BenchmarkRoute asks for a route that is not remembered.
func BenchmarkRoute(b *testing.B) {
	i, err := openInterfaces(0)
	if err != nil {
		b.Fatal(err)
	}
	defer i.close()
	r := route{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}
	for b.Loop() {
		i.ask(r)
	}
}
