package lab_test

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// TestNamespacesGone holds that namespaces do not outlive their lab, however it
// ended. The kernel counts: in a user namespace of the test's own there may be
// no more network namespaces than this process's and those of one lab.
func TestNamespacesGone(t *testing.T) {
	if !elsewhere(t, unix.CLONE_NEWUSER|unix.CLONE_NEWNET) {
		return
	}
	noCollection(t)
	topology := twoPaths(t)
	allowNamespaces(t, 1+len(topology.Hosts))
	for round := range 5 {
		network := upWhenAllowed(t, topology)
		if _, err := lab.Up(t.Context(), topology, lab.Options{}); !errors.Is(err, unix.ENOSPC) {
			t.Fatalf("a second lab: %v; the limit is not what the test thinks", err)
		}
		if round%2 == 1 {
			keep(t, network)
			forget(t)
		}
		must(t, network.Close())
	}
	for _, test := range refused {
		spoiled := twoPaths(t)
		test.spoil(spoiled)
		must(t, upWhenAllowed(t, topology).Close())
		if _, err := whenAllowed(t, spoiled); err == nil {
			t.Errorf("%s: no error", test.name)
		}
	}
	must(t, upWhenAllowed(t, topology).Close())
}

// allowNamespaces limits how many network namespaces there are in this user
// namespace.
func allowNamespaces(t *testing.T, n int) {
	t.Helper()
	err := os.WriteFile("/proc/sys/user/max_net_namespaces", fmt.Append(nil, n), 0)
	if errors.Is(err, unix.EROFS) {
		t.Skip("/proc/sys is read-only, as in a container")
	}
	must(t, err)
}

// whenAllowed builds a lab as soon as the kernel has room for it: namespaces
// that nothing refers to are taken down in the background. It does not ask so
// often that its own half-built labs fill the room.
func whenAllowed(t *testing.T, topology *lab.Topology) (*lab.Lab, error) {
	t.Helper()
	for deadline := time.Now().Add(2 * patience); ; time.Sleep(100 * time.Millisecond) {
		network, err := lab.Up(t.Context(), topology, lab.Options{})
		if !errors.Is(err, unix.ENOSPC) {
			return network, err
		}
		if time.Now().After(deadline) {
			t.Fatalf("namespaces are left: %v", err)
		}
	}
}

func upWhenAllowed(t *testing.T, topology *lab.Topology) *lab.Lab {
	t.Helper()
	network, err := whenAllowed(t, topology)
	must(t, err)
	return network
}
