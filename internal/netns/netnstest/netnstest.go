// Package netnstest gives tests the right to make network namespaces, whoever
// runs them.
package netnstest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"allroads/internal/netns"
)

// forbidden is why this test program may not make namespaces.
var forbidden error

// Main runs a package's tests, as root of a user namespace where the caller is
// not privileged. It is called from TestMain. Fuzzing is left where it is: its
// workers talk over inherited files that a second start would lose.
func Main(m *testing.M) {
	if !netns.Inside() && !fuzzing() {
		ok, err := netns.Privileged()
		if err == nil && !ok {
			var code int
			if code, err = netns.Rerun(); err == nil {
				os.Exit(code)
			}
		}
		forbidden = err
	}
	if forbidden == nil {
		forbidden = netns.Rights()
	}
	os.Exit(m.Run())
}

func fuzzing() bool {
	for _, arg := range os.Args[1:] {
		if strings.Contains(arg, "test.fuzz=") || strings.Contains(arg, "test.fuzzworker") {
			return true
		}
	}
	return false
}

// Require skips a test that needs namespaces where there are none, with the
// reason, and fails it when ALLROADS_REQUIRE_KERNEL=1 says that they must be.
func Require(t testing.TB) {
	t.Helper()
	if forbidden != nil {
		Missing(t, fmt.Sprintf("network namespaces: %v", forbidden))
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
