package main

import (
	"fmt"
	"net/netip"

	"allroads/lab"
)

// topology is two hosts joined by so many paths, which the client uses all.
func (p *plan) topology() *lab.Topology {
	limits := &lab.LimitsConfig{Subflows: 7}
	t := &lab.Topology{Name: "captures", Hosts: []lab.HostConfig{
		{Name: "client", MPTCP: lab.MPTCPConfig{Limits: limits}, Sysctls: map[string]string{
			"net.ipv4.conf.all.rp_filter": "0", "net.ipv4.ip_local_port_range": "1024 65535",
		}},
		{Name: "server", MPTCP: lab.MPTCPConfig{Limits: limits}, Sysctls: map[string]string{"net.ipv4.conf.all.rp_filter": "0"}},
	}}
	for i := range p.paths {
		link := linkName(i)
		t.Links = append(t.Links, lab.LinkConfig{Name: link, Ends: []lab.EndConfig{
			{Host: "client", Interface: link, Addresses: []netip.Prefix{netip.PrefixFrom(address(i, 2), 24)}},
			{Host: "server", Interface: link, Addresses: []netip.Prefix{netip.PrefixFrom(address(i, 1), 24)}},
		}})
		if i > 0 {
			m := &t.Hosts[0].MPTCP
			m.Endpoints = append(m.Endpoints, lab.EndpointConfig{Address: address(i, 2), Dev: link, Flags: []string{"subflow"}})
		}
	}
	return t
}

func linkName(path int) string { return fmt.Sprintf("path%d", path+1) }

func address(path int, host byte) netip.Addr {
	return netip.AddrFrom4([4]byte{10, 77, byte(path), host})
}

// smallPackets has a host send packets as they are on a wire, not large ones for a
// card to cut.
func (p *plan) smallPackets(host *lab.Host) error {
	for i := range p.paths {
		out, err := host.Command("ethtool", "-K", linkName(i), "tso", "off", "gso", "off", "gro", "off").CombinedOutput()
		if err != nil {
			return fmt.Errorf("switch off segmentation on %s: %w: %s", linkName(i), err, out)
		}
	}
	return nil
}
