// Package netnstest gives tests the right to make network namespaces, whoever
// runs them.
package netnstest

import (
	"fmt"
	"os"
	"testing"

	"allroads/internal/netns"
)

// Main runs a package's tests with the right to make namespaces, if it is to be
// had. It is called from TestMain.
func Main(m *testing.M) { os.Exit(netns.RunTests(m)) }

// Require skips a test that needs namespaces where there are none, with the
// reason, and fails it when ALLROADS_REQUIRE_KERNEL=1 says that they must be.
func Require(t testing.TB) {
	t.Helper()
	if err := netns.Forbidden(); err != nil {
		Missing(t, fmt.Sprintf("network namespaces: %v", err))
	}
}

// Missing skips a test for want of something on this machine, or fails it when
// ALLROADS_REQUIRE_KERNEL=1.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("ALLROADS_REQUIRE_KERNEL") == "1" {
		t.Fatalf("ALLROADS_REQUIRE_KERNEL=1, but missing: %s", what)
	}
	t.Skipf("missing: %s", what)
}

// New makes a namespace that is gone after the test.
func New(t testing.TB) *netns.NS {
	t.Helper()
	Require(t)
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.Close() })
	return ns
}
