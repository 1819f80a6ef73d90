package lifetest_test

import (
	"fmt"
	"syscall"
	"testing"
)

const manager = "net.mptcp.path_manager"

// TestMode: the path manager is the one that the configuration says, and afterwards the
// one of before, also when allroadsd was killed meanwhile.
func TestMode(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.sysctl(manager, "userspace")
	d := n.start(everything)
	is := func(want string) func() error {
		return func() error {
			if got := n.setting(manager); got != want {
				return fmt.Errorf("%s is %s, want %s", manager, got, want)
			}
			return nil
		}
	}
	await(t, "start in kernel mode", all(is("kernel"), n.endpoints("10.1.0.1", "10.2.0.1")))
	c := n.connect("10.1.0.1")
	await(t, "subflows", c.from("10.1.0.1", "10.2.0.1"))
	d.stop(syscall.SIGKILL)
	d.begin()
	await(t, "SIGKILL and another start", all(is("kernel"), n.endpoints("10.1.0.1", "10.2.0.1"), c.from("10.1.0.1", "10.2.0.1")))
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := all(is("userspace"), n.endpoints())(); err != nil {
		t.Errorf("after the stop: %v", err)
	}
}
