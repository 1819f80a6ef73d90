package lifetest_test

import (
	"fmt"
	"os"
	"testing"

	"allroads/internal/control"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/pathmanager"
)

// TestNamespaces: one process manages several namespaces, each by itself.
func TestNamespaces(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	sleep := n.server.Command("sleep", "600")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sleep.Process.Kill(); sleep.Wait() })
	n.at(n.server, "route add default via 10.2.0.1 dev blue")
	other := fmt.Sprintf("/proc/%d/ns/net", sleep.Process.Pid)
	d := n.start(everything, "--namespace", "host", "--namespace", other)
	await(t, "endpoints of both", all(n.endpoints("10.1.0.1", "10.2.0.1"), n.serverEndpoints("10.2.0.2")))
	if status := d.status(); len(status.Namespaces) != 2 {
		t.Errorf("%d namespaces in the status", len(status.Namespaces))
	}
	n.ip("address delete 10.2.0.1/24 dev blue")
	n.at(n.server, "address add 10.2.0.9/24 dev blue")
	await(t, "changes in both", all(n.endpoints("10.1.0.1"), n.serverEndpoints("10.2.0.2", "10.2.0.9")))
	if err := d.stop(terminate); err != nil {
		t.Error(err)
	}
	if err := all(n.endpoints(), n.serverEndpoints())(); err != nil {
		t.Errorf("after the stop: %v", err)
	}
}

// serverEndpoints checks the addresses of the server's table.
func (n *network) serverEndpoints(want ...string) func() error {
	return func() error { return endpointsOf(n.server, n.t, want) }
}

func endpointsOf(in interface{ Run(func() error) error }, t *testing.T, want []string) error {
	return in.Run(func() error {
		manager, err := pathmanager.Dial(t.Context())
		if err != nil {
			return err
		}
		defer manager.Close()
		found, err := manager.Endpoints(t.Context())
		if err != nil {
			return err
		}
		var got []string
		for _, e := range found {
			got = append(got, e.Addr.String())
		}
		return same("endpoints", got, want)
	})
}

// place is a namespace with a name and one address that is to be used.
type place struct{ *netns.NS }

func (p place) Run(fn func() error) error { return p.Do(fn) }

func newPlace(t *testing.T, name, address string) place {
	t.Helper()
	ns, err := netns.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"ip link add one type veth peer name two", "ip link set one up", "ip link set two up",
		"ip address add " + address + "/24 dev one", "ip route add default dev one"} {
		netnstest.Output(t, ns, command)
	}
	if err := ns.Publish(name); err != nil {
		t.Fatal(err)
	}
	return place{ns}
}

// TestNamespaceComesAgain: a namespace may be there later, vanish, and be another of the
// same name; the rest is managed all the same.
func TestNamespaceComesAgain(t *testing.T) {
	t.Parallel()
	if netns.Inside() {
		t.Skip("names of namespaces take root of the system")
	}
	n := newNetwork(t, 2)
	name := fmt.Sprintf("life-%d", os.Getpid())
	t.Cleanup(func() { netns.Unpublish(name) })
	d := n.start(everything + "namespaces: [host, " + name + "]\n")
	await(t, "endpoints, though one namespace is not there", n.endpoints("10.1.0.1", "10.2.0.1"))
	await(t, "the status says so", d.missing(name))
	for i := range 3 {
		address := fmt.Sprintf("192.0.2.%d", 1+i)
		p := newPlace(t, name, address)
		await(t, "the namespace is there", func() error { return endpointsOf(p, t, []string{address}) })
		if err := netns.Unpublish(name); err != nil {
			t.Fatal(err)
		}
		p.Close()
		await(t, "the namespace is not there", d.missing(name))
	}
	n.ip("address delete 10.2.0.1/24 dev blue")
	await(t, "the host is managed all the time", n.endpoints("10.1.0.1"))
}

// missing checks that the status says that a namespace is not managed.
func (d *daemon) missing(name string) func() error {
	return func() error {
		var found []control.Namespace
		for _, ns := range d.status().Namespaces {
			if ns.Name == name && ns.Error != nil {
				return nil
			}
			found = append(found, ns)
		}
		return fmt.Errorf("nothing is missing: %+v", found)
	}
}
