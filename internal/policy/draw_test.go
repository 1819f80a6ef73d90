package policy_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
)

// assessed is an address that is ready.
func assessed(index int, addr string, settings config.InterfaceSettings) policy.Assessment {
	bits := netip.MustParseAddr(addr).BitLen()
	return policy.Assessment{
		Address: address(index, fmt.Sprintf("%s/%d", addr, bits)), Link: link(index, fmt.Sprintf("eth%d", index)),
		Settings: settings, State: policy.Ready,
	}
}

func planned(plan policy.Plan) (lines []string) {
	for _, p := range plan.Endpoints {
		lines = append(lines, policy.Change{Kind: policy.Add, Endpoint: p.Endpoint}.String())
	}
	return lines
}

func dropped(plan policy.Plan) (lines []string) {
	for _, d := range plan.Dropped {
		lines = append(lines, fmt.Sprintf("%s: %s", d.Assessment.Address.Addr(), d.Reason))
	}
	return lines
}

func TestDraw(t *testing.T) {
	waiting := assessed(9, "10.9.9.9", config.InterfaceSettings{})
	waiting.State = policy.Waiting
	public := netip.MustParseAddr("203.0.113.7")
	plan := policy.Draw([]policy.Assessment{
		assessed(2, "10.0.2.2", config.InterfaceSettings{Role: config.Use}),
		assessed(3, "2001:db8::2", config.InterfaceSettings{Role: config.Use, Fullmesh: true}),
		assessed(4, "10.0.4.2", config.InterfaceSettings{Role: config.Backup}),
		assessed(5, "10.0.5.2", config.InterfaceSettings{Role: config.Signal, Fullmesh: true, Announce: &config.Announcement{Port: 8443}}),
		assessed(6, "10.0.6.2", config.InterfaceSettings{Role: config.Signal, Announce: &config.Announcement{Address: public}}),
		assessed(7, "10.0.7.2", config.InterfaceSettings{Role: config.Laminar}),
		assessed(8, "10.0.8.2", config.InterfaceSettings{Role: config.Signal, Announce: &config.Announcement{Address: public}}),
		assessed(8, "10.0.8.3", config.InterfaceSettings{Role: config.Signal, Announce: &config.Announcement{Address: public, Port: 1}}),
		assessed(8, "10.0.8.4", config.InterfaceSettings{Role: config.Signal, Announce: &config.Announcement{Port: 1, Listen: 2}}),
		waiting,
	}, config.Default(), new(policy.IDs), 8, nil)
	want := []string{
		"ip mptcp endpoint add 10.0.2.2 dev if2 id 1 subflow",
		"ip mptcp endpoint add 2001:db8::2 dev if3 id 2 subflow fullmesh",
		"ip mptcp endpoint add 10.0.4.2 dev if4 id 3 subflow backup",
		"ip mptcp endpoint add 10.0.5.2 port 8443 dev if5 id 4 signal",
		"ip mptcp endpoint add 203.0.113.7 dev if6 id 5 signal",
		"ip mptcp endpoint add 10.0.7.2 dev if7 id 6 laminar",
	}
	if diff := cmp.Diff(want, planned(plan)); diff != "" {
		t.Error(diff)
	}
	want = []string{
		"10.0.8.2: 203.0.113.7 is announced in the stead of 10.0.6.2 already",
		"10.0.8.3: the kernel can announce a port of its own addresses only, not 203.0.113.7:1: announce no port, or use the userspace mode",
		"10.0.8.4: the kernel listens at the port that it announces, 1, and not at 2: use the userspace mode",
	}
	if diff := cmp.Diff(want, dropped(plan)); diff != "" {
		t.Error(diff)
	}
	if want := (pathmanager.Limits{Subflows: 8, AddAddrAccepted: 6}); plan.Limits != want {
		t.Errorf("limits %+v, want %+v: there is a fullmesh", plan.Limits, want)
	}
}

func twelve() (a []policy.Assessment) {
	for i := range 12 {
		a = append(a, assessed(2, fmt.Sprintf("10.0.0.%d", i+1), config.InterfaceSettings{Role: config.Use}))
	}
	return a
}

// TestDrawNoRoom has 12 addresses, 8 places, and 2 of these taken by others.
func TestDrawNoRoom(t *testing.T) {
	foreign := []pathmanager.Endpoint{
		{Addr: netip.MustParseAddr("192.0.2.1"), ID: 1, Flags: pathmanager.Signal},
		{Addr: netip.MustParseAddr("10.0.0.11"), ID: 200, Flags: pathmanager.Subflow, IfIndex: 2},
		{Addr: netip.MustParseAddr("10.0.0.12"), ID: 7, Flags: pathmanager.Backup},
	}
	plan := policy.Draw(twelve(), config.Default(), new(policy.IDs), 8, foreign)
	var want []string
	for i, id := range []int{2, 3, 4, 5, 6} {
		want = append(want, fmt.Sprintf("ip mptcp endpoint add 10.0.0.%d dev if2 id %d subflow", i+1, id))
	}
	want = append(want, "ip mptcp endpoint add 10.0.0.11 dev if2 id 200 subflow") // That of others serves.
	if diff := cmp.Diff(want, planned(plan)); diff != "" {
		t.Error(diff)
	}
	lines := dropped(plan)
	if len(lines) != 6 || lines[0] != "10.0.0.6: the kernel has 8 places for endpoints; 3 are not allroadsd's, and addresses that are more wanted have the others" ||
		lines[5] != "10.0.0.12: endpoint 7, which is not allroadsd's, has this address (backup): it stays as it is" {
		t.Errorf("dropped:\n%s", strings.Join(lines, "\n"))
	}
	if want := (pathmanager.Limits{Subflows: 8, AddAddrAccepted: 8}); plan.Limits != want {
		t.Errorf("limits %+v, want %+v", plan.Limits, want)
	}
	if plan := policy.Draw(twelve(), config.Default(), new(policy.IDs), 64, nil); len(plan.Endpoints) != 12 || plan.Limits.Subflows != 12 {
		t.Errorf("with 64 places: %d endpoints, limits %+v", len(plan.Endpoints), plan.Limits)
	}
}

// TestDrawSpread: a wire with many addresses leaves room for the others, whatever comes
// first; what costs less comes before.
func TestDrawSpread(t *testing.T) {
	p := picture(link(2, "red"), link(3, "blue"), link(4, "dear"))
	for i := 1; i <= 20; i++ {
		p.Addresses = append(p.Addresses, address(2, fmt.Sprintf("10.0.0.%d/24", i)))
	}
	p.Addresses = append(p.Addresses, address(2, "2001:db8::2/64"), address(3, "10.1.0.1/24"), address(4, "10.2.0.1/24"))
	for index := 2; index <= 4; index++ {
		p.Defaults = append(p.Defaults, defaultVia(index, "10.0.0.254", 0), defaultVia(index, "2001:db8::1", 0))
	}
	c := &config.Config{Interfaces: []config.InterfaceRule{
		{Match: config.InterfaceMatch{Names: []string{"dear"}}, InterfaceSettings: config.InterfaceSettings{Cost: 5}},
	}}
	plan := policy.Draw(policy.Assess(p, c, nil), c, new(policy.IDs), 8, nil)
	var got []string
	for _, planned := range plan.Endpoints {
		got = append(got, planned.Endpoint.Addr.String())
	}
	want := []string{"10.0.0.1", "2001:db8::2", "10.1.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"}
	if diff := cmp.Diff(want, got); diff != "" || len(plan.Dropped) != 15 {
		t.Errorf("%d dropped: %s", len(plan.Dropped), diff)
	}
}

func TestDrawLimits(t *testing.T) {
	number := func(n uint32) *uint32 { return &n }
	for _, c := range []struct {
		addresses int
		set       config.Limits
		want      pathmanager.Limits
	}{
		{0, config.Limits{}, pathmanager.Limits{Subflows: 2, AddAddrAccepted: 2}},
		{1, config.Limits{}, pathmanager.Limits{Subflows: 2, AddAddrAccepted: 2}},
		{5, config.Limits{}, pathmanager.Limits{Subflows: 5, AddAddrAccepted: 5}},
		{12, config.Limits{}, pathmanager.Limits{Subflows: 8, AddAddrAccepted: 8}},
		{5, config.Limits{Subflows: number(0)}, pathmanager.Limits{Subflows: 0, AddAddrAccepted: 5}},
		{5, config.Limits{Subflows: number(9), AddAddrAccepted: number(64)}, pathmanager.Limits{Subflows: 8, AddAddrAccepted: 8}},
	} {
		plan := policy.Draw(twelve()[:c.addresses], &config.Config{Limits: c.set}, new(policy.IDs), 8, nil)
		if plan.Limits != c.want {
			t.Errorf("%d addresses, configured %+v: limits %+v, want %+v", c.addresses, c.set, plan.Limits, c.want)
		}
	}
}

// TestDrawImplicit: the kernel made an endpoint of its own for a wanted address. Its id
// stays, and it takes a place until it is replaced.
func TestDrawImplicit(t *testing.T) {
	foreign := []pathmanager.Endpoint{{Addr: netip.MustParseAddr("10.0.0.1"), ID: 9, Flags: pathmanager.Implicit}}
	plan := policy.Draw(twelve(), config.Default(), new(policy.IDs), 8, foreign)
	if n := len(plan.Endpoints); n != 7 || plan.Endpoints[0].Endpoint.ID != 9 || plan.Endpoints[0].Endpoint.Flags != pathmanager.Subflow {
		t.Errorf("%d planned, first %+v", n, plan.Endpoints[0].Endpoint)
	}
}

// TestDrawCrowded: others have all places. The kernel looks for room before it replaces
// an implicit endpoint, so that is not possible either.
func TestDrawCrowded(t *testing.T) {
	var foreign []pathmanager.Endpoint
	for n := range 8 {
		foreign = append(foreign, pathmanager.Endpoint{Addr: number(n + 1), ID: uint8(n + 1), Flags: pathmanager.Implicit})
	}
	plan := policy.Draw(twelve()[7:9], config.Default(), new(policy.IDs), 8, foreign)
	want := []string{
		"10.0.0.8: the kernel has an endpoint of its own for it (implicit, id 8), and replaces that only while one of its 8 places is free",
		"10.0.0.9: the kernel has 8 places for endpoints; none of them is allroadsd's",
	}
	if diff := cmp.Diff(want, dropped(plan)); diff != "" || len(plan.Endpoints) > 0 {
		t.Error(diff, planned(plan))
	}
}
