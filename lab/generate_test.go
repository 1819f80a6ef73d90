package lab_test

import (
	"fmt"
	"net/netip"

	"allroads/lab"

	"pgregory.net/rapid"
)

// topologies generates topologies that the kernel can build.
func topologies() *rapid.Generator[*lab.Topology] {
	return rapid.Custom(func(t *rapid.T) *lab.Topology {
		g := generator{t: t, topology: &lab.Topology{Name: "random"}}
		for i := range rapid.IntRange(1, 3).Draw(t, "hosts") {
			g.topology.Hosts = append(g.topology.Hosts, lab.HostConfig{Name: fmt.Sprintf("%s%d", g.word(hostWords), i)})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "links") {
			g.link(i)
		}
		for i := range g.topology.Hosts {
			g.settings(&g.topology.Hosts[i])
			g.mptcp(&g.topology.Hosts[i])
		}
		return g.topology
	})
}

// Words that mean something to ip(8), and names at the limit of length.
var (
	hostWords = []string{"client", "add", "list", "7", "A-b_c", "kept"}
	linkWords = []string{"eth", "dev", "netns", "if", "a.b-c_d", "type", "0x1", "interface-1234"}
	endFlags  = [][]string{{"subflow"}, {"signal"}, {"subflow", "backup"}, {"subflow", "fullmesh"}, nil}
)

type generator struct {
	t        *rapid.T
	topology *lab.Topology
	address  int
	devices  map[string][]string // of each host
	local    map[string][]netip.Addr
}

func (g *generator) word(words []string) string { return rapid.SampledFrom(words).Draw(g.t, "word") }

func (g *generator) yes(what string) bool { return rapid.Bool().Draw(g.t, what) }

func (g *generator) link(number int) {
	link := lab.LinkConfig{Name: fmt.Sprintf("link%d", number)}
	if g.yes("rate") {
		link.Rate = lab.Rate(rapid.Uint64Range(100e3, 10e9).Draw(g.t, "bits"))
	}
	for side := range 2 {
		host := rapid.SampledFrom(g.topology.Hosts).Draw(g.t, "host").Name
		end := lab.EndConfig{Host: host, Interface: g.word(linkWords)}
		// The number goes first, so that names of one host differ.
		end.Interface = fmt.Sprintf("%d%.14s", 2*number+side, end.Interface)
		if g.devices == nil {
			g.devices, g.local = map[string][]string{}, map[string][]netip.Addr{}
		}
		g.devices[host] = append(g.devices[host], end.Interface)
		for range rapid.IntRange(0, 2).Draw(g.t, "addresses") {
			end.Addresses = append(end.Addresses, g.prefix(host))
		}
		link.Ends = append(link.Ends, end)
	}
	g.topology.Links = append(g.topology.Links, link)
}

func (g *generator) prefix(host string) netip.Prefix {
	g.address++
	address, bits := netip.AddrFrom4([4]byte{10, byte(g.address), 0, 1}), rapid.IntRange(8, 32).Draw(g.t, "length")
	if g.yes("IPv6") {
		address, bits = netip.MustParseAddr(fmt.Sprintf("fd00:%x::1", g.address)), rapid.IntRange(32, 128).Draw(g.t, "length")
	}
	g.local[host] = append(g.local[host], address)
	return netip.PrefixFrom(address, bits)
}

func (g *generator) settings(h *lab.HostConfig) {
	settings := map[string]string{}
	if g.yes("forward") {
		settings["net.ipv4.ip_forward"] = "1"
	}
	if g.yes("buffers") {
		settings["net.ipv4.tcp_rmem"] = "4096 8192 65536"
	}
	if g.yes("checksum") {
		settings["net/mptcp/checksum_enabled"] = "1"
	}
	for _, device := range g.devices[h.Name] {
		if g.yes("filter") {
			settings["net/ipv4/conf/"+device+"/rp_filter"] = "2"
		}
	}
	if len(settings) > 0 {
		h.Sysctls = settings
	}
}

func (g *generator) mptcp(h *lab.HostConfig) {
	if g.yes("limits") {
		number := rapid.Uint32Range(0, 8)
		h.MPTCP.Limits = &lab.LimitsConfig{Subflows: number.Draw(g.t, "subflows"), AddAddrAccepted: number.Draw(g.t, "accepted")}
	}
	for i, address := range g.local[h.Name] {
		endpoint := lab.EndpointConfig{Address: address, Flags: rapid.SampledFrom(endFlags).Draw(g.t, "flags")}
		if g.yes("id") {
			endpoint.ID = uint8(100 + i)
		}
		if g.yes("dev") {
			endpoint.Dev = rapid.SampledFrom(g.devices[h.Name]).Draw(g.t, "device")
		}
		h.MPTCP.Endpoints = append(h.MPTCP.Endpoints, endpoint)
	}
}
