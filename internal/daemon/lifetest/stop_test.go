package lifetest_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// terminate is how service managers stop a program.
const terminate = syscall.SIGTERM

// id is that of an address's endpoint.
func (n *network) id(address string) string {
	n.t.Helper()
	found, err := n.manager.Endpoints(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	for _, e := range found {
		if e.Addr.String() == address {
			return fmt.Sprint(e.ID)
		}
	}
	n.t.Fatalf("no endpoint has %s", address)
	return ""
}

// TestStopRemoves what allroadsd made, and nothing else; the limits are those before.
func TestStopRemoves(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{terminate, syscall.SIGINT} {
		n := newNetwork(t, 2)
		n.ip("mptcp limits set subflows 5 add_addr_accepted 1")
		n.ip("mptcp endpoint add 10.99.0.1 id 200 signal")
		d := n.start(everything + "routing: true\n")
		await(t, "endpoints after the start", all(n.endpoints("10.99.0.1", "10.1.0.1", "10.2.0.1"), n.rules("10.1.0.1", "10.2.0.1"), n.limits(3, 3)))
		if err := d.stop(signal); err != nil {
			t.Errorf("%v: %v", signal, err)
		}
		if err := all(n.endpoints("10.99.0.1"), n.rules(), n.limits(5, 1))(); err != nil {
			t.Errorf("after %v: %v", signal, err)
		}
		if routes := n.ownRoutes(); routes != "" {
			t.Errorf("after %v there are routes:\n%s", signal, routes)
		}
	}
}

// TestStopKeeps what was made where the configuration says so, and the next start knows
// it for its own.
func TestStopKeeps(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.ip("mptcp limits set subflows 5 add_addr_accepted 1")
	keep := everything + "routing: true\non_stop: keep\n"
	d := n.start(keep)
	wanted := all(n.endpoints("10.1.0.1", "10.2.0.1"), n.rules("10.1.0.1", "10.2.0.1"), n.limits(2, 2))
	await(t, "endpoints after the start", wanted)
	c := n.connect("10.1.0.1")
	await(t, "subflows", c.from("10.1.0.1", "10.2.0.1"))
	before := c.subflows()
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := wanted(); err != nil {
		t.Errorf("after the stop: %v", err)
	}
	d.configure(strings.Replace(keep, "keep", "remove", 1))
	d.begin()
	if err := wanted(); err != nil {
		t.Errorf("after the next start: %v", err)
	}
	if got := fmt.Sprint(c.subflows()); got != fmt.Sprint(before) {
		t.Errorf("subflows %s after the next start, %s before", got, before)
	}
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := all(n.endpoints(), n.rules(), n.limits(5, 1))(); err != nil {
		t.Errorf("after the stop that removes: %v", err)
	}
}
