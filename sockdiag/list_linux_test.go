package sockdiag_test

import (
	"context"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/sockdiag"
)

func dial(t testing.TB, ns *netns.NS) *sockdiag.Conn {
	t.Helper()
	c, err := sockdiag.Dial(t.Context(), ns.Fd())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// list collects the connections that a filter chooses.
func list(t testing.TB, c *sockdiag.Conn, f sockdiag.Filter) (all []*sockdiag.Connection) {
	t.Helper()
	for found, err := range c.Connections(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found.Clone())
	}
	return all
}

// await lists connections until they are as wanted.
func await(t testing.TB, c *sockdiag.Conn, f sockdiag.Filter, wanted func([]*sockdiag.Connection) bool) []*sockdiag.Connection {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		all := list(t, c, f)
		if wanted(all) {
			return all
		}
		if time.Now().After(end) {
			for _, c := range all {
				t.Errorf("%+v", c)
			}
			t.Fatal("these connections have not become what was wanted")
		}
	}
}

// settled is wanted of n ends of connections with so many subflows each.
func settled(n, subflows int) func([]*sockdiag.Connection) bool {
	return func(all []*sockdiag.Connection) bool {
		for _, c := range all {
			if c.Established() != subflows || c.Changing {
				return false
			}
		}
		return len(all) == n
	}
}

// joined is wanted of n ends of connections that have so many subflows in all
// besides the first ones.
func joined(n, subflows int) func([]*sockdiag.Connection) bool {
	return func(all []*sockdiag.Connection) bool {
		sum := 0
		for _, c := range all {
			sum += c.Established() - 1
			if c.Changing {
				return false
			}
		}
		return len(all) == n && sum == subflows
	}
}
