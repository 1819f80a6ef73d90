package scenario_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/scenario"
	"allroads/lab"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// twoPaths is a client and a server joined by the links red and blue, each with
// something to add, and a scenario.
const twoPaths = `
name: two-paths
hosts:
  - name: client
    sysctls: {net.ipv4.conf.all.rp_filter: 0}
    mptcp:
      limits: {subflows: 2, add_addr_accepted: 2}
      endpoints: [{address: 10.0.2.1, dev: blue, id: 1, flags: [subflow]}]
  - name: server
    sysctls: {net.ipv4.conf.all.rp_filter: 0, net.mptcp.enabled: %d}
    mptcp:
      limits: {subflows: 2, add_addr_accepted: 2}
links:
  - name: red
    ends:
      - {host: client, addresses: [10.0.1.1/24]}
      - {host: server, addresses: [10.0.1.2/24]}
  - name: blue
    ends:
      - {host: client, addresses: [10.0.2.1/24]}
      - {host: server, addresses: [10.0.2.2/24]}
`

func topology(t testing.TB, scenario string) *lab.Topology {
	t.Helper()
	return parse(t, fmt.Sprintf(twoPaths, 1)+scenario)
}

func parse(t testing.TB, text string) *lab.Topology {
	t.Helper()
	topology, err := lab.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return topology
}

// play plays a scenario in a lab of its own.
func play(t testing.TB, topology *lab.Topology) *scenario.Report {
	t.Helper()
	report, err := playIn(t, topology, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// playUntil plays a scenario, again if need be, until the machine was fast enough
// for what the test is about: changing a link waits for the kernel's lock on all
// links, which others hold for long at times.
func playUntil(t testing.TB, topology *lab.Topology, enough func(*scenario.Report) bool) *scenario.Report {
	t.Helper()
	for range 8 {
		if r := play(t, topology); enough(r) {
			return r
		}
	}
	t.Fatal("this machine is too busy")
	return nil
}

func playIn(t testing.TB, topology *lab.Topology, o scenario.Options) (*scenario.Report, error) {
	t.Helper()
	network := lab.Start(t, lab.Value(topology))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return scenario.Play(ctx, network, o)
}

// passes holds that a scenario has passed, and says all that is wrong if not.
func passes(t testing.TB, r *scenario.Report) {
	t.Helper()
	if !r.Passed {
		t.Errorf("the scenario has failed:\n%s", describe(r))
	}
}

func describe(r *scenario.Report) string {
	var b strings.Builder
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "%d %s: passed %v %s %s\n", s.Number, s.Text, s.Passed, s.Error, s.Output)
	}
	for _, s := range r.Sends {
		fmt.Fprintf(&b, "%+v\n", s)
	}
	for _, j := range r.Expectations {
		found := "unknown"
		if j.Found != nil {
			found = *j.Found
		}
		fmt.Fprintf(&b, "%s: met %v, found %s %s\n", j.Text, j.Met, found, j.Why)
	}
	for _, c := range r.Report.Connections {
		for _, f := range c.Subflows {
			fmt.Fprintf(&b, "connection %d, subflow %d: %+v\n", c.ID, f.ID, f)
		}
	}
	fmt.Fprintln(&b, r.Report.Verdict)
	return b.String()
}
