package lifetest_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// TestKilled: a killed allroadsd that starts again knows its endpoints for its own, adds
// nothing twice, disturbs no subflow of 1,000 connections, and removes what is wanted no
// more.
func TestKilled(t *testing.T) {
	t.Parallel()
	connections := 1000
	if testing.Short() {
		connections = 200
	}
	n := newNetwork(t, 3)
	d := n.start(everything)
	await(t, "endpoints after the start", n.endpoints("10.1.0.1", "10.2.0.1", "10.3.0.1"))
	begun := time.Now()
	for range connections {
		n.connect("10.1.0.1")
	}
	t.Logf("measured: %d connections made in %v", connections, time.Since(begun).Round(time.Millisecond))
	await(t, "subflows of all connections", n.everywhere(connections, 3))
	before, table := n.ports("10.1.0.1", "10.2.0.1"), n.ip("mptcp endpoint show")

	d.stop(syscall.SIGKILL)
	if after := n.ip("mptcp endpoint show"); after != table {
		t.Errorf("SIGKILL changed the endpoints\n%s\nto\n%s", table, after)
	}
	n.ip("address delete 10.3.0.1/24 dev green")
	n.ip("mptcp endpoint add 10.99.0.1 id 200 signal")
	start := time.Now()
	d.begin()
	t.Logf("measured: start over %d connections: %v", connections, time.Since(start).Round(time.Millisecond))
	await(t, "endpoints after SIGKILL and another start", n.endpoints("10.1.0.1", "10.2.0.1", "10.99.0.1"))
	await(t, "stale subflows closed", n.everywhere(connections, 2))
	if !testing.Short() {
		time.Sleep(5 * time.Second) // What seems to be missing then would be made.
	}
	stays(t, "later", 100*time.Millisecond, n.everywhere(connections, 2))
	if changed := differences(before, n.ports("10.1.0.1", "10.2.0.1")); changed > 0 {
		t.Errorf("%d of %d subflows are others after the restart", changed, len(before))
	}
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := n.endpoints("10.99.0.1")(); err != nil {
		t.Errorf("after a stop, though they were adopted: %v", err)
	}
}

// everywhere checks that there are so many connections, each with so many subflows.
func (n *network) everywhere(connections, subflows int) func() error {
	return func() error {
		found := n.connections()
		if len(found) != connections {
			return fmt.Errorf("%d connections, want %d", len(found), connections)
		}
		wrong := 0
		for _, c := range found {
			if len(established(c)) != subflows {
				wrong++
			}
		}
		if wrong > 0 {
			return fmt.Errorf("%d of %d connections have other than %d subflows", wrong, connections, subflows)
		}
		return nil
	}
}

// ports are all subflows of all connections that come from some addresses.
func (n *network) ports(addresses ...string) map[string]bool {
	n.t.Helper()
	all := map[string]bool{}
	for _, c := range n.connections() {
		for _, end := range established(c) {
			for _, a := range addresses {
				if end.Addr().String() == a {
					all[fmt.Sprint(c.Info.Token, end)] = true
				}
			}
		}
	}
	return all
}

// differences counts what is in one of two sets alone.
func differences(a, b map[string]bool) (n int) {
	for key := range a {
		if !b[key] {
			n++
		}
	}
	for key := range b {
		if !a[key] {
			n++
		}
	}
	return n
}

// TestKilledOften: nothing piles up, whenever it is killed.
func TestKilledOften(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	c := n.connect("10.1.0.1")
	d := newDaemon(t, n.client, routed)
	for i := range 8 {
		d.launch()
		time.Sleep(time.Duration(i*8) * time.Millisecond) // From before the first step to after the last.
		d.stop(syscall.SIGKILL)
	}
	d.begin()
	l := &life{n, d, c}
	l.settles("killed 8 times while starting", "10.1.0.1", "10.2.0.1")
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := all(n.endpoints(), n.rules())(); err != nil {
		t.Errorf("after a stop: %v", err)
	}
}
