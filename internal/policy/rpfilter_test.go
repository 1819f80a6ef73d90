package policy_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/policy"
	"allroads/internal/rtnl"
)

// peered is a host with two interfaces to a router, which has 10.9.9.9 too; both are
// strict. The default route is that of the first interface.
func peered(t *testing.T, first, second, gateway1, gateway2 string) (host, router *netns.NS) {
	host, router = netnstest.New(t), netnstest.New(t)
	conn, err := rtnl.Dial(host.Fd())
	must(t, err)
	defer conn.Close()
	for i, prefix := range []string{first, second} {
		name, far := fmt.Sprintf("eth%d", i), fmt.Sprintf("far-eth%d", i)
		must(t, conn.AddVeth(name, far, router.Fd()), conn.SetUp(name))
		netnstest.Output(t, router, "ip link set "+far+" up")
		netnstest.Output(t, host, fmt.Sprintf("ip address add %s dev eth%d", prefix, i))
		must(t, host.SetSysctl(fmt.Sprintf("net.ipv4.conf.eth%d.rp_filter", i), "1"))
	}
	for _, line := range []string{"ip link set lo up", "ip address add 10.9.9.9/32 dev lo", "ip address add " + gateway1 + "/24 dev far-eth0"} {
		netnstest.Output(t, router, line)
	}
	if gateway2 != gateway1 {
		netnstest.Output(t, router, "ip address add "+gateway2+"/24 dev far-eth1")
	}
	netnstest.Output(t, host, "ip route add default via "+gateway1+" dev eth0")
	netnstest.Output(t, host, "ip route add default via "+gateway2+" dev eth1 metric 100")
	return host, router
}

// answers tells whether a connection from 10.9.9.9 at the router to an address of the
// host succeeds.
func answers(t *testing.T, host, router *netns.NS, address string, patience time.Duration) bool {
	t.Helper()
	var listener net.Listener
	must(t, host.Do(func() (err error) {
		listener, err = net.Listen("tcp", address+":0")
		return err
	}))
	defer listener.Close()
	err := router.Do(func() error {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(10, 9, 9, 9)}, Timeout: patience}
		conn, err := dialer.Dial("tcp", listener.Addr().String())
		if err == nil {
			conn.Close()
		}
		return err
	})
	return err == nil
}

// route carries out what is drawn, but for rp_filter, and returns what Strict says
// before, and what there is to change about rp_filter.
func route(t *testing.T, host *netns.NS) (warnings []string, filters []policy.RoutingChange) {
	t.Helper()
	p := observed(t, host)
	a := policy.Assess(p, everything(), nil)
	values := map[string]int{"all": 0, "eth0": 1, "eth1": 1}
	warnings = policy.Strict(a, policy.DrawRouting(a, p, config.Default()), p, values)
	want := policy.DrawRouting(a, p, everything())
	if more := policy.Strict(a, want, p, values); len(more) > 0 {
		t.Errorf("with routing: %v", more)
	}
	for _, change := range policy.ReconcileRouting(want, p) {
		netnstest.Output(t, host, change.String())
	}
	filters, _ = policy.LooseFilters(want.Loose, values, nil)
	return warnings, filters
}

const (
	short = time.Second      // an answer that does not come
	long  = 20 * time.Second // one that does, on a busy machine
)

// TestStrict: where each interface has a network of its own, strict drops what comes in
// at the second, until there is a rule; rp_filter can stay as it is.
func TestStrict(t *testing.T) {
	host, router := peered(t, "10.0.1.2/24", "10.0.2.2/24", "10.0.1.1", "10.0.2.1")
	if answers(t, host, router, "10.0.2.2", short) {
		t.Fatal("strict drops nothing: the test shows nothing")
	}
	warnings, filters := route(t, host)
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "10.0.2.2 on eth1: answers are dropped") || len(filters) > 0 {
		t.Errorf("warnings %v, filters %v", warnings, filters)
	}
	if !answers(t, host, router, "10.0.2.2", long) {
		t.Error("with a rule of its own, 10.0.2.2 gets no answer")
	}
}

// TestStrictOneNetwork: where both are in the same network, what is for the second comes
// in at the first, and a rule is not enough.
func TestStrictOneNetwork(t *testing.T) {
	host, router := peered(t, "192.168.1.2/24", "192.168.1.3/24", "192.168.1.1", "192.168.1.1")
	_, filters := route(t, host)
	if len(filters) != 2 {
		t.Fatalf("filters %v, want both changed", filters)
	}
	if answers(t, host, router, "192.168.1.3", short) {
		t.Fatal("strict drops nothing: the test shows nothing")
	}
	for _, change := range filters {
		must(t, host.SetSysctl(fmt.Sprintf("net.ipv4.conf.%s.rp_filter", change.Device), fmt.Sprint(change.Filter)))
	}
	if !answers(t, host, router, "192.168.1.3", long) {
		t.Error("loose, and yet 192.168.1.3 gets no answer")
	}
}
