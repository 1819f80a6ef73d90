package policy_test

import (
	"fmt"
	"testing"

	"allroads/internal/config"
	"allroads/internal/netns/netnstest"
	"allroads/internal/policy"
	"allroads/pathmanager"
)

// TestWordsAreCommands goes from plan to plan in a real kernel, by the words of the
// changes alone, which ip(8) carries out.
func TestWordsAreCommands(t *testing.T) {
	ns := netnstest.New(t)
	conn, err := pathmanager.Dial(t.Context(), pathmanager.InNetNS(ns.Fd()))
	if err != nil {
		netnstest.Missing(t, fmt.Sprintf("path manager: %v", err))
	}
	defer conn.Close()
	wire(t, ns, "eth2")
	wire(t, ns, "eth3")
	netnstest.Output(t, ns, "ip address add 10.0.0.4/24 dev eth2")
	netnstest.Output(t, ns, "ip mptcp endpoint add 10.0.0.9 id 1 signal")
	role := func(role config.Role) config.InterfaceSettings { return config.InterfaceSettings{Role: role} }
	mesh := config.InterfaceSettings{Role: config.Use, Fullmesh: true}
	port := config.InterfaceSettings{Role: config.Signal, Announce: &config.Announcement{Port: 8443}}
	plans := [][]policy.Assessment{
		{assessed(2, "10.0.0.1", role(config.Use)), assessed(2, "10.0.0.2", role(config.Backup)), assessed(3, "2001:db8::1", role(config.Signal)), assessed(2, "10.0.0.4", port)},
		{assessed(2, "10.0.0.1", role(config.Backup)), assessed(2, "10.0.0.2", role(config.Use)), assessed(3, "2001:db8::1", mesh), assessed(2, "10.0.0.4", role(config.Signal))},
		{assessed(2, "10.0.0.1", mesh), assessed(3, "10.0.0.2", role(config.Use)), assessed(2, "fe80::1", role(config.Use))},
		twelve(),
		{},
	}
	ids, owned := new(policy.IDs), []pathmanager.Endpoint(nil)
	for i, a := range plans {
		for round := range 2 {
			endpoints, err := conn.Endpoints(t.Context())
			must(t, err)
			limits, err := conn.Limits(t.Context())
			must(t, err)
			a := indexed(t, ns, a)
			plan := policy.Draw(a, config.Default(), ids, 8, []pathmanager.Endpoint{{Addr: number(9), ID: 1, Flags: pathmanager.Signal}})
			changes := policy.Reconcile(plan, policy.Actual{Endpoints: endpoints, Limits: limits}, owned)
			if round == 1 && len(changes) > 0 {
				t.Errorf("plan %d: after all changes, these are left: %v", i, changes)
			}
			if round == 0 && len(changes) == 0 {
				t.Errorf("plan %d changes nothing", i)
			}
			for _, change := range changes {
				netnstest.Output(t, ns, change.String())
				if change.Kind == policy.Add {
					owned = append(owned, change.Endpoint)
				}
			}
		}
	}
	if got := netnstest.Output(t, ns, "ip mptcp endpoint show"); got != "10.0.0.9 id 1 signal" && got != "10.0.0.9 id 1 signal \n" {
		t.Errorf("in the end there is %q", got)
	}
}
