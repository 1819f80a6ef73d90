package lab

import (
	"context"
	"os"

	"allroads/internal/netns"
)

// TB is what Start needs of a *testing.T, *testing.B or *testing.F. It is spelled
// out so that programs which build labs do not link package testing.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Main runs the tests of a package that uses Start, and ends the program. It
// lets an ordinary user's tests have labs too, by running them as root of a user
// namespace, and belongs into the package's TestMain:
//
//	func TestMain(m *testing.M) { lab.Main(m) }
func Main(m interface{ Run() int }) { os.Exit(netns.RunTests(m)) }

// A Source gives Start its topology.
type Source func() (*Topology, error)

// File is a topology in a YAML file.
func File(path string) Source {
	return func() (*Topology, error) { return Load(path) }
}

// Value is a topology built in Go.
func Value(t *Topology) Source {
	return func() (*Topology, error) { return t, nil }
}

// Start builds a lab for a test, which is taken down when the test ends. Where
// the system allows no namespaces, the test is skipped with the reason; with
// ALLROADS_REQUIRE_KERNEL=1 in the environment it fails. Labs of tests that run
// at the same time do not see each other.
//
// With `go test -artifacts` all packets of the lab are captured; the file is kept
// among the artifacts of a test that fails.
func Start(t TB, source Source) *Lab {
	t.Helper()
	if err := netns.Forbidden(); err != nil {
		if os.Getenv("ALLROADS_REQUIRE_KERNEL") == "1" {
			t.Fatalf("no lab: %v", err)
		}
		t.Skipf("no lab: %v", err)
	}
	topology, err := source()
	if err != nil {
		t.Fatalf("no lab: %v", err)
	}
	network, err := Up(context.Background(), topology, Options{})
	if err != nil {
		t.Fatalf("no lab: %v", err)
	}
	t.Cleanup(func() {
		if err := network.Close(); err != nil {
			t.Errorf("take lab %s down: %v", topology.Name, err)
		}
	})
	if err := keepPackets(t, network); err != nil {
		t.Fatalf("keep packets: %v", err)
	}
	return network
}
