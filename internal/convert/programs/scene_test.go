package programs

import (
	"fmt"
	"net/netip"
	"testing"

	"allroads/lab"
)

// Hosts and addresses of a scene; the client connects to serverAddress.
const (
	client        = "client"
	server        = "server"
	clientAddress = "10.78.1.2"
	serverAddress = "10.78.1.1"
	otherAddress  = "10.78.2.2" // the client's on the second path
)

// newScene is two hosts joined by two paths, of which the client's path manager knows.
func newScene(t *testing.T) *lab.Lab {
	t.Helper()
	limits := &lab.LimitsConfig{Subflows: 2}
	hosts := []lab.HostConfig{{Name: client}, {Name: server}}
	for i := range hosts {
		hosts[i].MPTCP.Limits = limits
		hosts[i].Sysctls = map[string]string{"net.ipv4.conf.all.rp_filter": "0"}
	}
	hosts[0].MPTCP.Endpoints = []lab.EndpointConfig{{
		Address: netip.MustParseAddr(otherAddress), Dev: "blue", ID: 1, Flags: []string{"subflow"},
	}}
	return lab.Start(t, lab.Value(&lab.Topology{
		Name: "programs", Hosts: hosts, Links: []lab.LinkConfig{link("red", 1), link("blue", 2)},
	}))
}

// rate of links is so low that one does not suffice, and the other has time to join.
const rate lab.Rate = 15_000_000

func link(name string, subnet int) lab.LinkConfig {
	end := func(host string, number int) lab.EndConfig {
		address := netip.MustParsePrefix(fmt.Sprintf("10.78.%d.%d/24", subnet, number))
		return lab.EndConfig{Host: host, Interface: name, Addresses: []netip.Prefix{address}}
	}
	return lab.LinkConfig{
		Name: name, Impairment: lab.Impairment{Rate: rate},
		Ends: []lab.EndConfig{end(client, 2), end(server, 1)},
	}
}
