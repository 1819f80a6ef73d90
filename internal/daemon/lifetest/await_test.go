package lifetest_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// promised is how soon what has changed is to be acted upon; patience is what a busy
// machine gets before a test fails.
const (
	promised = time.Second
	patience = 10 * time.Second
)

// await waits until check has nothing to say, which is promised to be soon, and tells how
// long it took.
func await(t *testing.T, what string, check func() error) {
	t.Helper()
	took, note := wait(t, what, check), ""
	if took > promised {
		note = fmt.Sprintf(" (LATE: %v are promised)", promised)
	}
	t.Logf("measured: %s: %.1f ms%s", what, float64(took.Microseconds())/1000, note)
}

// wait waits for what nobody has promised to be soon.
func wait(t *testing.T, what string, check func() error) time.Duration {
	t.Helper()
	return waitFor(t, patience, what, check)
}

func waitFor(t *testing.T, atMost time.Duration, what string, check func() error) time.Duration {
	t.Helper()
	start := time.Now()
	for {
		err := check()
		took := time.Since(start)
		if err == nil {
			return took
		}
		if took > atMost {
			t.Fatalf("%s: not within %v: %v", what, atMost, err)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// stays holds that check goes on having nothing to say.
func stays(t *testing.T, what string, during time.Duration, check func() error) {
	t.Helper()
	for end := time.Now().Add(during); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err := check(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// same holds two lists of addresses against each other, whatever their order.
func same(what string, got, want []string) error {
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("%s: %s, want %s", what, list(got), list(want))
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, " ")
}

// endpoints checks the addresses of the kernel's table.
func (n *network) endpoints(want ...string) func() error {
	return func() error {
		found, err := n.manager.Endpoints(n.t.Context())
		if err != nil {
			return err
		}
		var got []string
		for _, e := range found {
			got = append(got, e.Addr.String())
		}
		return same("endpoints", got, want)
	}
}

// limits checks the kernel's limits.
func (n *network) limits(subflows, accepted uint32) func() error {
	return func() error {
		found, err := n.manager.Limits(n.t.Context())
		if err == nil && (found.Subflows != subflows || found.AddAddrAccepted != accepted) {
			err = fmt.Errorf("limits are %+v, want %d and %d", found, subflows, accepted)
		}
		return err
	}
}

// from checks the local addresses of a connection's subflows.
func (c *connection) from(want ...string) func() error {
	return func() error { return same("subflows from", addresses(c.subflows()), want) }
}

// reaches is from where it does not matter how many subflows have the same address. The
// kernel makes a second one from the address of the initial subflow where the endpoint of
// that address comes after another one, and after the connection: which endpoint is that
// of the initial subflow it looks up when the first comes, and never again (Linux 6.18,
// mptcp_pm_create_subflow_or_signal_addr).
func (c *connection) reaches(want ...string) func() error {
	return func() error { return same("subflows from", slices.Compact(addresses(c.subflows())), want) }
}

func addresses(ends []netip.AddrPort) (all []string) {
	for _, e := range ends {
		all = append(all, e.Addr().String())
	}
	return all
}

// all checks several things, up to the first that is wrong.
func all(checks ...func() error) func() error {
	return func() error {
		for _, check := range checks {
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	}
}
