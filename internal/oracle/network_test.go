package oracle_test

import (
	"fmt"
	"net/netip"
	"time"

	"allroads/lab"
)

const (
	client = 0
	server = 1
)

var hosts = [2]string{"client", "server"}

// port is where servers listen.
const port = 4321

// mtu makes few packets of much data: Linux sends 64 kB on one subflow before it
// considers another.
const mtu = 4000

// paths is two hosts joined by so many links, over each of which they reach each
// other. The client begins over the first; endpoints are the scenes' to add.
func paths(n int, six bool) *lab.Topology {
	t := &lab.Topology{Name: "oracle", Engine: lab.EngineUserspace}
	for _, name := range hosts {
		t.Hosts = append(t.Hosts, lab.HostConfig{
			Name:    name,
			Sysctls: map[string]string{"net.ipv4.conf.all.rp_filter": "0"},
			MPTCP:   lab.MPTCPConfig{Limits: &lab.LimitsConfig{Subflows: 7}},
		})
	}
	for i := range n {
		link := lab.LinkConfig{Name: linkName(i), MTU: mtu, Impairment: lab.Impairment{Rate: 50e6, Delay: 2 * time.Millisecond}}
		for side, host := range hosts {
			bits := 24
			if six {
				bits = 64
			}
			link.Ends = append(link.Ends, lab.EndConfig{
				Host: host, Interface: link.Name, Addresses: []netip.Prefix{netip.PrefixFrom(address(i, side, six), bits)},
			})
		}
		t.Links = append(t.Links, link)
		if six && i > 0 { // IPv4 asks for the address on any link; IPv6 needs to be told.
			c, table := &t.Hosts[client], uint32(100+i)
			c.Routes = append(c.Routes, lab.RouteConfig{
				To:  lab.Destination{Prefix: netip.PrefixFrom(address(0, server, true), 64).Masked()},
				Via: address(i, server, true), Dev: link.Name, Table: table,
			})
			c.Rules = append(c.Rules, lab.RuleConfig{
				From: lab.Destination{Prefix: netip.PrefixFrom(address(i, client, true), 128)}, Table: table, Priority: table,
			})
		}
	}
	return t
}

func linkName(path int) string { return fmt.Sprintf("path%d", path+1) }

// address is that of a side on a path.
func address(path, side int, six bool) netip.Addr {
	if six {
		return netip.MustParseAddr(fmt.Sprintf("fd00:%d::%d", path+1, side+1))
	}
	return netip.AddrFrom4([4]byte{10, 88, byte(path + 1), byte(side + 1)})
}

// joins has a side open a subflow from its address on a path.
func joins(t *lab.Topology, side, path int, six bool, flags ...string) {
	endpoint(t, side, lab.EndpointConfig{
		Address: address(path, side, six), Dev: linkName(path), ID: uint8(path + 1), Flags: append([]string{"subflow"}, flags...),
	})
}

// announces has the server announce its address on a path, and the client use it.
func announces(t *lab.Topology, path int, six bool, port uint16) {
	endpoint(t, server, lab.EndpointConfig{
		Address: address(path, server, six), Dev: linkName(path), ID: uint8(path + 1), Port: port, Flags: []string{"signal"},
	})
	t.Hosts[client].MPTCP.Limits.AddAddrAccepted = 7
}

func endpoint(t *lab.Topology, side int, e lab.EndpointConfig) {
	m := &t.Hosts[side].MPTCP
	m.Endpoints = append(m.Endpoints, e)
}

func sysctl(t *lab.Topology, name, value string, sides ...int) {
	for _, side := range sides {
		t.Hosts[side].Sysctls[name] = value
	}
}

// middlebox puts one on a path.
func middlebox(t *lab.Topology, path int, from string, rule lab.MiddleboxRule) {
	link := &t.Links[path]
	link.Middlebox = append(link.Middlebox, lab.LinkRule{MiddleboxRule: rule, From: from})
}
