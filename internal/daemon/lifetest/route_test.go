package lifetest_test

import (
	"strings"
	"testing"
	"time"
)

// TestLateRoute: an address waits for its default route as long as it takes.
func TestLateRoute(t *testing.T) {
	t.Parallel()
	delays := []time.Duration{0, 50 * time.Millisecond, 500 * time.Millisecond}
	if !testing.Short() {
		delays = append(delays, 10*time.Second)
	}
	for _, delay := range delays {
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			l := newLife(t, routed)
			l.ip("address flush dev blue") // The kernel takes the routes, too.
			l.settles("address removed", "10.1.0.1")
			l.ip("address add 10.2.0.1/24 dev blue")
			if delay > 0 {
				await(t, "status", l.d.says("10.2.0.1", "waiting", "default route"))
			}
			time.Sleep(delay)
			if err := l.settled("10.1.0.1")(); err != nil {
				t.Errorf("before the route: %v", err)
			}
			l.ip("route replace default via 10.2.0.2 dev blue metric 200")
			l.settles("default route after "+delay.String(), "10.1.0.1", "10.2.0.1")
			l.ip("route delete default dev blue metric 200")
			l.settles("default route gone", "10.1.0.1")
		})
	}
}

// TestPolicyRouted: a default route in another table, which a rule leads to, is one, too.
func TestPolicyRouted(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	l := &life{n, n.start(everything), n.connect("10.1.0.1")} // The rule of others is enough.
	wanted := func(addresses ...string) func() error {
		return all(l.endpoints(addresses...), l.c.from(addresses...), l.rules())
	}
	await(t, "start", wanted("10.1.0.1", "10.2.0.1"))
	l.ip("route delete default dev blue metric 200")
	await(t, "default route gone", wanted("10.1.0.1"))
	l.ip("rule add from 10.2.0.1 lookup 77 priority 1000")
	l.ip("route add default via 10.2.0.2 dev blue table 77")
	await(t, "default route in a table of its own", wanted("10.1.0.1", "10.2.0.1"))
	l.ip("route delete default dev blue table 77")
	await(t, "default route gone from the table", wanted("10.1.0.1"))
	l.ip("route add default via 10.2.0.2 dev blue table 77")
	await(t, "default route in the table again", wanted("10.1.0.1", "10.2.0.1"))
	l.ip("rule delete from 10.2.0.1 lookup 77 priority 1000")
	await(t, "no rule leads there", wanted("10.1.0.1"))
}

// TestSharedRoute: a default route with several next hops is one for each of them; so is one
// by a next hop that is an object of its own.
func TestSharedRoute(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.ip("route delete default dev red metric 100")
	l.ip("route delete default dev blue metric 200")
	await(t, "default routes gone", all(l.endpoints(), l.rules()))
	l.ip("route add default nexthop via 10.1.0.2 dev red nexthop via 10.2.0.2 dev blue")
	l.settles("default route with two next hops", "10.1.0.1", "10.2.0.1")
	l.ip("route replace default via 10.1.0.2 dev red")
	l.settles("default route with one next hop", "10.1.0.1")
	l.ip("nexthop add id 7 via 10.2.0.2 dev blue")
	l.ip("route add default nhid 7 metric 300")
	l.settles("default route by a next hop object", "10.1.0.1", "10.2.0.1")
	l.ip("nexthop delete id 7")
	l.settles("next hop object gone", "10.1.0.1")
}

// TestRouterAdvertised: IPv6 routers are known by their link-local addresses.
func TestRouterAdvertised(t *testing.T) {
	t.Parallel()
	n := newDual(t, 2)
	n.at(n.server, "-6 address add fe80::2/64 dev blue nodad")
	n.ip("-6 route delete default dev blue")
	l := &life{n, n.start(routed), n.connect("2001:db8:1::1")}
	four := []string{"10.1.0.1", "10.2.0.1", "2001:db8:1::1"}
	await(t, "start", all(n.endpoints(four...), n.rules(four...), l.c.from("2001:db8:1::1")))
	n.ip("-6 route add default via fe80::2 dev blue proto ra metric 1024 expires 600")
	four = append(four, "2001:db8:2::1")
	await(t, "default route by a router", all(n.endpoints(four...), n.rules(four...), l.c.from("2001:db8:1::1", "2001:db8:2::1")))
	if got := n.ip("-6 route get " + serverV6 + " from 2001:db8:2::1"); !strings.Contains(got, "via fe80::2 dev blue table ") {
		t.Errorf("packets from blue leave so: %s", got)
	}
}
