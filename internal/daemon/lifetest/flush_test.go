package lifetest_test

import (
	"strings"
	"testing"
)

// TestFlush: what others did to the endpoints is found at the next check, though the
// kernel tells nobody of it.
func TestFlush(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	c := n.connect("10.1.0.1")
	n.start(strings.Replace(everything, "check_every: 0s", "check_every: 1s", 1))
	await(t, "endpoints after the start", all(n.endpoints("10.1.0.1", "10.2.0.1"), c.from("10.1.0.1", "10.2.0.1")))
	n.ip("mptcp endpoint flush")
	await(t, "flush repaired by the check of each second", all(n.endpoints("10.1.0.1", "10.2.0.1"), c.from("10.1.0.1", "10.2.0.1")))
	n.ip("mptcp endpoint delete id " + n.id("10.2.0.1"))
	await(t, "delete repaired by the check of each second", all(n.endpoints("10.1.0.1", "10.2.0.1"), c.from("10.1.0.1", "10.2.0.1")))
	n.ip("mptcp limits set subflows 0 add_addr_accepted 0")
	await(t, "limits repaired by the check of each second", n.limits(2, 2))
}

// TestFlushSeen: any change of the network is an occasion to look.
func TestFlushSeen(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.start(everything)
	await(t, "endpoints after the start", n.endpoints("10.1.0.1", "10.2.0.1"))
	n.ip("mptcp endpoint flush")
	n.ip("address add 192.0.2.1/32 dev lo")
	await(t, "flush repaired at the next change", n.endpoints("10.1.0.1", "10.2.0.1"))
}

// TestOthersEndpoint: one that somebody else made for a wanted address serves, and stays
// on stop.
func TestOthersEndpoint(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.ip("mptcp endpoint add 10.2.0.1 dev blue id 77 subflow")
	d := n.start(everything)
	await(t, "endpoints after the start", n.endpoints("10.1.0.1", "10.2.0.1"))
	if id := n.id("10.2.0.1"); id != "77" {
		t.Errorf("the endpoint of 10.2.0.1 has become id %s", id)
	}
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := n.endpoints("10.2.0.1")(); err != nil {
		t.Errorf("after the stop: %v", err)
	}
}
