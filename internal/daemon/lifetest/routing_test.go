package lifetest_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// TestRouting: each managed address has a table and a rule of its own, which packets from
// it follow, whatever the main table says.
func TestRouting(t *testing.T) {
	t.Parallel()
	n := newDual(t, 2)
	from := func(address, to string) string { return n.ip("route get " + to + " from " + address) }
	if got := from("10.2.0.1", serverV4); !strings.Contains(got, "dev red") {
		t.Fatalf("without allroadsd, packets from blue leave so: %s", got)
	}
	d := n.start(routed)
	addresses := []string{"10.1.0.1", "10.2.0.1", "2001:db8:1::1", "2001:db8:2::1"}
	await(t, "rules after the start", all(n.endpoints(addresses...), n.rules(addresses...)))
	for _, c := range []struct{ address, to, link string }{
		{"10.1.0.1", serverV4, "red"}, {"10.2.0.1", serverV4, "blue"},
		{"2001:db8:1::1", serverV6, "red"}, {"2001:db8:2::1", serverV6, "blue"},
	} {
		if got := from(c.address, c.to); !strings.Contains(got, "dev "+c.link) || !strings.Contains(got, " table ") {
			t.Errorf("packets from %s leave so: %s", c.address, got)
		}
	}
	if got := from("10.2.0.1", "10.1.0.2"); !strings.Contains(got, "10.1.0.2") {
		t.Errorf("packets from blue to a neighbour at red: %s", got)
	}
	if routing := d.namespace().Routing; len(routing) == 0 {
		t.Error("the status says nothing of routing")
	}
	for _, r := range n.ownRules() {
		if said := fmt.Sprintf("rule add from %s lookup %s", r.Src, r.Table); !d.saysRouting(r.Src) {
			t.Errorf("the status does not say %q", said)
		}
	}
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if routes := n.ownRoutes(); len(n.ownRules()) > 0 || routes != "" {
		t.Errorf("after the stop there are rules %v and routes:\n%s", n.ownRules(), routes)
	}
}

// saysRouting reports whether the status has a rule from an address.
func (d *daemon) saysRouting(address string) bool {
	d.t.Helper()
	for _, r := range d.namespace().Routing {
		if strings.Contains(r.What, "rule add from "+address) {
			return true
		}
	}
	return false
}

// TestRoutingAfterKill: what a killed allroadsd has left goes at the next start.
func TestRoutingAfterKill(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 3)
	d := n.start(routed)
	await(t, "rules after the start", n.rules("10.1.0.1", "10.2.0.1", "10.3.0.1"))
	d.stop(syscall.SIGKILL)
	n.ip("address delete 10.3.0.1/24 dev green") // The kernel leaves the rule.
	if got := len(n.ownRules()); got != 3 {
		t.Fatalf("%d rules after SIGKILL, want 3", got)
	}
	d.begin()
	await(t, "rules after SIGKILL and another start", n.rules("10.1.0.1", "10.2.0.1"))
	d.stop(syscall.SIGKILL)
	d.configure(everything)
	d.begin()
	await(t, "rules after a start without routing", all(n.rules(), n.endpoints("10.1.0.1", "10.2.0.1")))
	if routes := n.ownRoutes(); routes != "" {
		t.Errorf("routes after a start without routing:\n%s", routes)
	}
}

// TestStrictFilter: a rule of its own is enough for an address where the kernel drops what
// comes by another way than it would answer.
func TestStrictFilter(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.sysctl(filterOf("red"), "1")
	n.sysctl(filterOf("blue"), "1")
	l := &life{n, n.start(routed), n.connect("10.1.0.1")}
	l.settles("start with strict filters", "10.1.0.1", "10.2.0.1")
}

func filterOf(link string) string { return "net.ipv4.conf." + link + ".rp_filter" }

// TestLooseFilter: where strict would drop, because two interfaces are in one network, it
// is made loose, and put back when allroadsd stops or the reason is gone; so it is when it
// was killed meanwhile.
func TestLooseFilter(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 3)
	for _, link := range linkNames {
		n.sysctl(filterOf(link), "1")
	}
	d := n.start(routed)
	await(t, "start with strict filters", all(n.rules("10.1.0.1", "10.2.0.1", "10.3.0.1"), n.filters("1", "1", "1")))
	n.ip("address add 10.1.0.50/24 dev blue")
	await(t, "two interfaces in one network", n.filters("2", "2", "1"))
	d.stop(syscall.SIGKILL)
	d.begin()
	await(t, "SIGKILL and another start", all(n.filters("2", "2", "1"), n.rules("10.1.0.1", "10.1.0.50", "10.2.0.1", "10.3.0.1")))
	n.ip("address delete 10.1.0.50/24 dev blue")
	await(t, "the reason is gone", n.filters("1", "1", "1"))
	n.ip("address add 10.1.0.50/24 dev blue")
	await(t, "two interfaces in one network again", n.filters("2", "2", "1"))
	d.stop(syscall.SIGKILL)
	n.ip("address delete 10.1.0.50/24 dev blue")
	d.begin()
	await(t, "the reason was gone at the start", n.filters("1", "1", "1"))
	n.ip("address add 10.1.0.50/24 dev blue")
	await(t, "two interfaces in one network once more", n.filters("2", "2", "1"))
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := n.filters("1", "1", "1")(); err != nil {
		t.Errorf("after the stop: %v", err)
	}
}

// filters checks rp_filter of red, blue and green.
func (n *network) filters(want ...string) func() error {
	return func() error {
		for i, link := range linkNames {
			if got := n.setting(filterOf(link)); got != want[i] {
				return fmt.Errorf("rp_filter of %s is %s, want %s", link, got, want[i])
			}
		}
		return nil
	}
}

// TestDryRun: it says what it would do, in the words of ip(8), and does nothing.
func TestDryRun(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.sysctl(filterOf("blue"), "1")
	look := func() string {
		return fmt.Sprint(n.ip("mptcp endpoint show"), n.ip("mptcp limits show"), n.ip("rule show"), n.ip("-4 route show table all"),
			n.setting(filterOf("blue")), n.setting("net.mptcp.path_manager"))
	}
	before := look()
	d := newDaemon(t, n.client, routed)
	out, err := d.prepare("--dry-run").Output()
	if err != nil {
		t.Fatalf("dry run: %v: %s", err, out)
	}
	for _, want := range []string{"mptcp endpoint add 10.1.0.1", "mptcp endpoint add 10.2.0.1", "mptcp limits set", "rule add from 10.2.0.1",
		"default via 10.2.0.2"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the dry run does not say %q:\n%s", want, out)
		}
	}
	if after := look(); after != before {
		t.Errorf("the dry run changed\n%s\nto\n%s", before, after)
	}
	for _, name := range []string{"state", "control"} {
		if _, err := os.Stat(d.path(name)); err == nil {
			t.Errorf("the dry run made %s", name)
		}
	}
	n.obey(string(out))
	d.begin()
	await(t, "what the dry run said is what was done", n.endpoints("10.1.0.1", "10.2.0.1"))
}

// obey runs the commands of a dry run, of which ip(8) has to understand each.
func (n *network) obey(commands string) {
	n.t.Helper()
	for line := range strings.Lines(commands) {
		words := strings.Fields(strings.TrimSpace(line))
		if len(words) > 1 && (words[0] == "ip" || words[0] == "sysctl") {
			n.run(n.client, words...)
		}
	}
}
