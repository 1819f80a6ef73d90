package lifetest_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"allroads/lab"
	"allroads/pathmanager"
	"allroads/sockdiag"
)

// The addresses of the server that connections are made to. They are on none of the
// links, so that each path takes a default route.
const (
	serverV4 = "203.0.113.1"
	serverV6 = "2001:db8:ff::1"
)

// network is a client with several interfaces, each with a default route by the server.
// Link N has 10.N.0.1 at the client and 10.N.0.2 at the server; a network of both
// families has 2001:db8:N::1 and 2001:db8:N::2, too.
type network struct {
	t              *testing.T
	lab            *lab.Lab
	client, server *lab.Host
	manager        *pathmanager.Conn // of the client
	sockets        *sockdiag.Conn
	listener       *listener
}

var linkNames = []string{"red", "blue", "green"}

// newNetwork builds one of IPv4 with as many links, whose names are red, blue and green.
func newNetwork(t *testing.T, links int) *network {
	t.Helper()
	return networkOf(t, topology(t, links, 1))
}

// newDual builds one of both families.
func newDual(t *testing.T, links int) *network {
	t.Helper()
	return networkOf(t, topology(t, links, 2))
}

func networkOf(t *testing.T, topology *lab.Topology) *network {
	t.Helper()
	n := &network{t: t, lab: lab.Start(t, lab.Value(topology))}
	alone(t)
	n.client, n.server = n.lab.Host("client"), n.lab.Host("server")
	n.at(n.server, "address add "+serverV4+"/32 dev lo")
	n.at(n.server, "address add "+serverV6+"/128 dev lo")
	err := n.client.Run(func() (err error) {
		if n.manager, err = pathmanager.Dial(t.Context()); err == nil {
			n.sockets, err = sockdiag.Dial(t.Context(), 0)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.manager.Close(); n.sockets.Close() })
	n.listener = n.listen()
	return n
}

func topology(t *testing.T, links, families int) *lab.Topology {
	client := lab.HostConfig{Name: "client"}
	limits := &lab.LimitsConfig{Subflows: 8, AddAddrAccepted: 8}
	server := lab.HostConfig{Name: "server", MPTCP: lab.MPTCPConfig{Limits: limits}}
	top := &lab.Topology{Name: name(t)}
	for i, link := range linkNames[:links] {
		top.Links = append(top.Links, lab.LinkConfig{Name: link, Ends: []lab.EndConfig{
			{Host: "client", Addresses: ends(i+1, 1)[:families]}, {Host: "server", Addresses: ends(i+1, 2)[:families]}}})
		for _, to := range ends(i+1, 2)[:families] {
			client.Routes = append(client.Routes, lab.RouteConfig{Via: to.Addr(), Dev: link, Metric: uint32(100 * (i + 1))})
		}
	}
	top.Hosts = []lab.HostConfig{client, server}
	return top
}

// name is that of a test as labs allow it.
func name(t *testing.T) string {
	short := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(strings.TrimPrefix(t.Name(), "Test")))
	return short[:min(len(short), 20)]
}

// ends are the addresses of an end of a link, IPv4 first.
func ends(link, end int) []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix(fmt.Sprintf("10.%d.0.%d/24", link, end)),
		netip.MustParsePrefix(fmt.Sprintf("2001:db8:%d::%d/64", link, end)),
	}
}

// ip runs ip(8) in the client; the words are divided at spaces.
func (n *network) ip(command string) string { n.t.Helper(); return n.at(n.client, command) }

func (n *network) at(host *lab.Host, command string) string {
	n.t.Helper()
	return n.run(host, append([]string{"ip"}, strings.Fields(command)...)...)
}

// run runs a program that has to succeed.
func (n *network) run(host *lab.Host, command ...string) string {
	n.t.Helper()
	out, err := host.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("%s: %s: %v\n%s", host.Name, strings.Join(command, " "), err, out)
	}
	return string(out)
}
