package lifetest_test

import (
	"testing"
	"time"
)

// TestKernelAlone is what the proofs of this package rest on: what the kernel does by
// itself with endpoints that somebody else adds and deletes, and what it does not do.
func TestKernelAlone(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.ip("mptcp limits set subflows 2 add_addr_accepted 2")
	c := n.connect("10.1.0.1")
	stays(t, "without endpoints", 100*time.Millisecond, c.from("10.1.0.1"))
	n.ip("mptcp endpoint add 10.1.0.1 dev red id 1 subflow")
	n.ip("mptcp endpoint add 10.2.0.1 dev blue id 2 subflow")
	wait(t, "endpoint added", c.from("10.1.0.1", "10.2.0.1"))

	n.ip("mptcp endpoint delete id 2")
	wait(t, "endpoint deleted", c.from("10.1.0.1"))
	n.ip("mptcp endpoint add 10.2.0.1 dev blue id 2 subflow")
	wait(t, "endpoint added again", c.from("10.1.0.1", "10.2.0.1"))

	n.ip("address delete 10.2.0.1/24 dev blue")
	stays(t, "the address deleted", 100*time.Millisecond, all(c.from("10.1.0.1", "10.2.0.1"), n.endpoints("10.1.0.1", "10.2.0.1")))
	n.ip("address add 10.2.0.1/24 dev blue")

	n.kill(c, "10.2.0.1")
	stays(t, "a subflow killed", 300*time.Millisecond, c.from("10.1.0.1"))
	n.ip("mptcp endpoint delete id 2")
	n.ip("mptcp endpoint add 10.2.0.1 dev blue id 2 subflow")
	wait(t, "its endpoint added again", c.from("10.1.0.1", "10.2.0.1"))

	n.ip("mptcp endpoint delete id 1")
	wait(t, "the initial subflow's endpoint deleted", c.from("10.2.0.1"))
	n.ip("mptcp endpoint add 10.1.0.1 dev red id 1 subflow")
	wait(t, "the initial subflow's endpoint added again", c.from("10.1.0.1", "10.2.0.1"))
}
