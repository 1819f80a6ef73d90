package policy_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"allroads/internal/config"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/policy"
	"allroads/internal/rtnl"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// indexed gives assessments the indexes that their interfaces really have.
func indexed(t *testing.T, ns *netns.NS, a []policy.Assessment) []policy.Assessment {
	t.Helper()
	a = slices.Clone(a)
	conn, err := rtnl.Dial(ns.Fd())
	must(t, err)
	defer conn.Close()
	for i := range a {
		a[i].Link.Index, err = conn.LinkIndex(a[i].Link.Name)
		must(t, err)
	}
	return a
}

// everything is a configuration in which all interfaces are used, with routing.
func everything() *config.Config {
	return &config.Config{Routing: true, Interfaces: []config.InterfaceRule{{}}}
}

// observed is the picture of a namespace.
func observed(t *testing.T, ns *netns.NS) *rtnl.Picture {
	t.Helper()
	observer, err := rtnl.Observe(ns.Fd())
	must(t, err)
	defer observer.Close()
	return observer.Picture()
}

// wire makes an interface with a carrier.
func wire(t *testing.T, ns *netns.NS, name string) {
	t.Helper()
	netnstest.Output(t, ns, "ip link add "+name+" type veth peer name far-"+name)
	netnstest.Output(t, ns, "ip link set far-"+name+" up")
	netnstest.Output(t, ns, "ip link set "+name+" up")
}

// multihomed has two networks with a gateway, one of them with IPv6, a point-to-point
// address, and one whose gateway is not in its network.
func multihomed(t *testing.T) *netns.NS {
	ns := netnstest.New(t)
	for _, name := range []string{"lan", "lte", "ppp", "cloud"} {
		wire(t, ns, name)
	}
	for _, line := range []string{
		"address add 10.0.0.2/24 dev lan", "address add 10.0.0.3/24 dev lan",
		"address add 2001:db8::2/64 dev lan nodad",
		"address add 192.168.0.2/24 dev lte",
		"address add 10.8.0.2 peer 10.8.0.1/32 dev ppp",
		"address add 203.0.113.5/32 dev cloud",
		"route add default via 10.0.0.1",
		"route add default via 192.168.0.1 metric 200",
		"-6 route add default via fe80::1 dev lan",
		"route add default dev ppp metric 300",
		"route add default via 172.31.1.1 dev cloud onlink metric 400",
		"rule add from 10.0.0.77 lookup 300 priority 1000",
		"route add default via 10.0.0.1 table 20000 metric 7", // Somebody else's.
	} {
		netnstest.Output(t, ns, "ip "+line)
	}
	return ns
}

// TestRoutingInKernel makes tables and rules by the words, or by package rtnl; the kernel
// then sends from each address by its interface, nothing is left to do, and all is gone
// in the end but what others made.
func TestRoutingInKernel(t *testing.T) {
	for name, carryOut := range map[string]func(*testing.T, *netns.NS, policy.RoutingChange){
		"ip":   func(t *testing.T, ns *netns.NS, c policy.RoutingChange) { netnstest.Output(t, ns, c.String()) },
		"rtnl": byRtnl,
	} {
		t.Run(name, func(t *testing.T) {
			ns := multihomed(t)
			before := everyRoute(t, ns)
			p := observed(t, ns)
			want := policy.DrawRouting(policy.Assess(p, everything(), nil), p, everything())
			changes := policy.ReconcileRouting(want, p)
			if len(want.Rules) != 6 || len(changes) != len(want.Rules)+len(want.Routes) {
				t.Fatalf("%d rules, %d routes, changes %v", len(want.Rules), len(want.Routes), changes)
			}
			for _, change := range changes {
				carryOut(t, ns, change)
			}
			for source, device := range map[string]string{"10.0.0.2": "lan", "10.0.0.3": "lan", "192.168.0.2": "lte", "10.8.0.2": "ppp", "203.0.113.5": "cloud", "2001:db8::2": "lan"} {
				to := "198.51.100.1"
				if strings.Contains(source, ":") {
					to = "2001:db8:1::1"
				}
				if got := netnstest.Output(t, ns, "ip route get "+to+" from "+source); !strings.Contains(got, " dev "+device+" table 200") {
					t.Errorf("from %s: %s", source, got)
				}
			}
			p = observed(t, ns)
			again := policy.DrawRouting(policy.Assess(p, everything(), nil), p, everything())
			if diff := cmp.Diff(want, again, equalAddr, equalPrefix); diff != "" {
				t.Errorf("drawn again: %s", diff)
			}
			if left := policy.ReconcileRouting(again, p); len(left) > 0 {
				t.Errorf("these are left: %v", left)
			}
			for _, change := range policy.ReconcileRouting(policy.Routing{}, p) {
				carryOut(t, ns, change)
			}
			if diff := cmp.Diff(before, everyRoute(t, ns)); diff != "" {
				t.Errorf("removed, and different from before: %s", diff)
			}
		})
	}
}

var equalPrefix = cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })

// everyRoute leaves out the kernel's own, which come when they come.
func everyRoute(t *testing.T, ns *netns.NS) (all []string) {
	for _, what := range []string{"ip rule", "ip -6 rule", "ip route show table all", "ip -6 route show table all"} {
		for line := range strings.Lines(netnstest.Output(t, ns, what)) {
			if !strings.Contains(line, "proto kernel") {
				all = append(all, line)
			}
		}
	}
	return all
}

func byRtnl(t *testing.T, ns *netns.NS, c policy.RoutingChange) {
	t.Helper()
	conn, err := rtnl.Dial(ns.Fd())
	must(t, err)
	defer conn.Close()
	switch c.Kind {
	case policy.AddRoute:
		err = conn.AddRoute(c.Route)
	case policy.DeleteRoute:
		err = conn.DeleteRoute(c.Route)
	case policy.AddRule:
		err = conn.AddRule(c.Rule)
	case policy.DeleteRule:
		err = conn.DeleteRule(c.Rule)
	}
	if err != nil {
		t.Errorf("%s: %v", c, err)
	}
}

// TestRoutingOfGateway: another gateway, or an address that is gone, changes what has to
// change only, and addresses keep their tables.
func TestRoutingOfGateway(t *testing.T) {
	ns := multihomed(t)
	settle := func() (routing policy.Routing, commands []string) {
		p := observed(t, ns)
		routing = policy.DrawRouting(policy.Assess(p, everything(), nil), p, everything())
		for _, change := range policy.ReconcileRouting(routing, p) {
			commands = append(commands, change.String())
			netnstest.Output(t, ns, change.String())
		}
		return routing, commands
	}
	settle()
	netnstest.Output(t, ns, "ip route replace default via 192.168.0.254 metric 200")
	_, commands := settle()
	if len(commands) != 2 || !strings.HasPrefix(commands[0], "ip route delete default via 192.168.0.1 dev lte src 192.168.0.2 table 200") ||
		!strings.HasPrefix(commands[1], "ip route add default via 192.168.0.254 dev lte src 192.168.0.2 table 200") {
		t.Errorf("another gateway: %s", strings.Join(commands, "\n"))
	}
	netnstest.Output(t, ns, "ip address delete 192.168.0.2/24 dev lte")
	_, commands = settle()
	if len(commands) != 1 || !strings.HasPrefix(commands[0], "ip rule delete from 192.168.0.2 lookup 200") { // The kernel took the routes.
		t.Errorf("no address: %s", strings.Join(commands, "\n"))
	}
	netnstest.Output(t, ns, "ip route delete default via 10.0.0.1") // Those in tables of our own are left, and do not count.
	routing, _ := settle()
	for _, rule := range routing.Rules {
		if rule.From.Addr().Is4() && strings.HasPrefix(rule.From.String(), "10.0.0.") {
			t.Errorf("%s has a rule, without a default route", rule.From)
		}
	}
}

func TestDrawRouting(t *testing.T) {
	off := false
	p := laptop()
	c := &config.Config{Routing: true, Interfaces: []config.InterfaceRule{
		{Match: config.InterfaceMatch{Names: []string{"wwan0"}}, InterfaceSettings: config.InterfaceSettings{Routing: &off}},
	}}
	routing := policy.DrawRouting(policy.Assess(p, c, nil), p, c)
	want := policy.Routing{
		Routes: []rtnl.Route{
			{To: netip.MustParsePrefix("192.168.0.0/24"), Link: 3, Source: netip.MustParseAddr("192.168.0.2"), Table: 20000, Protocol: rtnl.Protocol},
			{To: anywhere4, Via: netip.MustParseAddr("192.168.0.1"), Link: 3, Source: netip.MustParseAddr("192.168.0.2"), Table: 20000, Protocol: rtnl.Protocol},
		},
		Rules: []rtnl.Rule{{From: netip.MustParsePrefix("192.168.0.2/32"), Table: 20000, Priority: 32000, Protocol: rtnl.Protocol}},
	}
	if diff := cmp.Diff(want, routing, equalAddr, equalPrefix); diff != "" {
		t.Error(diff)
	}
	if routing := policy.DrawRouting(policy.Assess(p, config.Default(), nil), p, config.Default()); len(routing.Routes)+len(routing.Rules) > 0 {
		t.Errorf("without routing: %+v", routing)
	}
	// Tables in use are avoided; main asked early is preceded.
	p.Rules = append(p.Rules, rtnl.PolicyRule{Family: unix.AF_INET, Table: 20000, Priority: 7}, rtnl.PolicyRule{Family: unix.AF_INET, Table: unix.RT_TABLE_MAIN, Priority: 500})
	p.Own = []rtnl.Hop{{Table: 20001, Protocol: rtnl.Protocol}}
	routing = policy.DrawRouting(policy.Assess(p, c, nil), p, c)
	if rule := routing.Rules[0]; rule.Table != 20002 || rule.Priority != 499 {
		t.Errorf("rule %+v, want table 20002 and priority 499", rule)
	}
	// Somebody else's rule to such a table is enough.
	q := laptop()
	q.Rules = append(q.Rules, rtnl.PolicyRule{Family: unix.AF_INET, From: netip.MustParsePrefix("192.168.0.2/32"), Table: 100, Priority: 100})
	for table, rules := range map[uint32]int{100: 0, 101: 1} {
		q.Defaults = append(laptop().Defaults, rtnl.Hop{To: anywhere4, Via: netip.MustParseAddr("192.168.0.1"), Link: 3, Table: table})
		if routing := policy.DrawRouting(policy.Assess(q, c, nil), q, c); len(routing.Rules) != rules {
			t.Errorf("with a rule to table 100 and a default route in %d: %+v", table, routing.Rules)
		}
	}
	// Of two gateways, that of the lower metric.
	q = laptop()
	q.Defaults = []rtnl.Hop{defaultVia(3, "192.168.0.7", 900), defaultVia(3, "192.168.0.8", 100), defaultVia(3, "192.168.0.9", 500)}
	if got := policy.DrawRouting(policy.Assess(q, c, nil), q, c).Routes[1].Via; got != netip.MustParseAddr("192.168.0.8") {
		t.Errorf("the gateway is %s", got)
	}
	// A gateway of the other family cannot be told to AddRoute.
	q = laptop()
	q.Defaults[0].Via = netip.MustParseAddr("fe80::1")
	if routing := policy.DrawRouting(policy.Assess(q, c, nil), q, c); len(routing.Rules) != 0 || !slices.Equal(routing.Loose, []string{"wlan0"}) {
		t.Errorf("with an IPv6 gateway: %+v", routing)
	}
	// Two interfaces in one network.
	p.Addresses = append(p.Addresses, address(4, "192.168.0.9/24"))
	if routing = policy.DrawRouting(policy.Assess(p, c, nil), p, c); !slices.Equal(routing.Loose, []string{"wlan0"}) {
		t.Errorf("loose %v, want wlan0", routing.Loose)
	}
}

// TestReconcileRoutingForeign: what has another protocol is never deleted.
func TestReconcileRoutingForeign(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := picture(link(2, "eth0"))
		for range rapid.IntRange(0, 5).Draw(r, "rules") {
			p.Rules = append(p.Rules, rtnl.PolicyRule{Family: unix.AF_INET, From: netip.PrefixFrom(number(rapid.IntRange(0, 9).Draw(r, "from")), 32),
				Table: 20000, Priority: 32000, Protocol: rapid.SampledFrom([]uint8{0, 2, 4, rtnl.Protocol}).Draw(r, "protocol")})
		}
		own := 0
		for _, rule := range p.Rules {
			if rule.Protocol == rtnl.Protocol {
				own++
			}
		}
		changes := policy.ReconcileRouting(policy.Routing{}, p)
		if len(changes) != own {
			r.Errorf("%d changes for %d own rules", len(changes), own)
		}
		for _, change := range changes {
			if change.Kind != policy.DeleteRule || change.Rule.Protocol != rtnl.Protocol {
				r.Error(change)
			}
		}
	})
}

func TestLooseFilters(t *testing.T) {
	values := map[string]int{"all": 1, "eth0": 0, "eth0.7": 1, "wlan0": 2, "wwan0": 1}
	changes, before := policy.LooseFilters([]string{"eth0", "eth0.7", "gone0", "wlan0"}, values, nil)
	want := []string{"sysctl -w net.ipv4.conf.eth0.rp_filter=2", "sysctl -w net/ipv4/conf/eth0.7/rp_filter=2"}
	if diff := cmp.Diff(want, commands(changes)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"eth0": 0, "eth0.7": 1}, before); diff != "" {
		t.Error(diff)
	}
	values["eth0"], values["eth0.7"] = 2, 2
	if changes, same := policy.LooseFilters([]string{"eth0", "eth0.7"}, values, before); len(changes) > 0 || len(same) != 2 {
		t.Errorf("again: %v, %v", changes, same)
	}
	values["eth0.7"] = 0 // Somebody else's doing.
	changes, before = policy.LooseFilters(nil, values, before)
	if diff := cmp.Diff([]string{"sysctl -w net.ipv4.conf.eth0.rp_filter=0"}, commands(changes)); diff != "" || len(before) > 0 {
		t.Error(diff, before)
	}
	if changes, _ := policy.LooseFilters([]string{"eth0"}, map[string]int{"all": 0, "eth0": 0}, nil); len(changes) > 0 {
		t.Errorf("nothing is strict, and yet: %v", changes)
	}
}

func commands[T fmt.Stringer](changes []T) (lines []string) {
	for _, change := range changes {
		lines = append(lines, change.String())
	}
	return lines
}
