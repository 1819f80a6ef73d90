package lab_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// switched returns hosts that are all plugged into one switch.
func switched(hosts int) *lab.Topology {
	topology := &lab.Topology{Name: "switched", Switches: []lab.SwitchConfig{{Name: "switch"}}}
	for i := range hosts {
		host := fmt.Sprintf("host%d", i)
		topology.Hosts = append(topology.Hosts, lab.HostConfig{Name: host})
		topology.Links = append(topology.Links, lab.LinkConfig{Name: host, Ends: []lab.EndConfig{
			{Host: host, Interface: "eth0", Addresses: prefixes(fmt.Sprintf("10.0.0.%d/24", 1+i))},
			{Host: "switch"},
		}})
	}
	return topology
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// TestSwitch has each host reach each other, with links that are plain and that
// are delayed, and cuts one off.
func TestSwitch(t *testing.T) {
	const hosts = 5
	for _, delay := range []time.Duration{0, time.Millisecond} {
		topology := switched(hosts)
		for i := range topology.Links {
			topology.Links[i].Delay = delay
		}
		network := up(t, topology)
		for port, from := range topology.Hosts {
			for i, to := range topology.Hosts {
				if to.Name != from.Name {
					eventually(t, echo(t, network, from.Name, to.Name, fmt.Sprintf("10.0.0.%d:%d", 1+i, 1000+port)))
				}
			}
		}
		near := echo(t, network, "host0", "host1", "10.0.0.2:2000")
		far := echo(t, network, "host1", "host4", "10.0.0.5:2000")
		cut := network.Link("host4")
		must(t, cut.Down())
		eventually(t, near)
		if took, ok := roundTrip(t, far, 100*time.Millisecond); ok {
			t.Errorf("a host answers after %v that is cut off", took)
		}
		must(t, cut.Up())
		eventually(t, far)
		eventually(t, near)
	}
}

// TestRouter has a router forward both IP versions, until a link is down.
func TestRouter(t *testing.T) {
	link := func(host, net string, here, there int) lab.LinkConfig {
		addresses := func(last int) []netip.Prefix {
			return prefixes(fmt.Sprintf("10.%s.0.%d/24", net, last), fmt.Sprintf("fd00:%s::%d/64", net, last))
		}
		return lab.LinkConfig{Name: host, Ends: []lab.EndConfig{
			{Host: host, Addresses: addresses(here)}, {Host: "router", Addresses: addresses(there)},
		}}
	}
	host := func(name, net string) lab.HostConfig {
		return lab.HostConfig{Name: name, Routes: []lab.RouteConfig{
			{Via: netip.MustParseAddr("10." + net + ".0.1")}, {Via: netip.MustParseAddr("fd00:" + net + "::1")},
		}}
	}
	network := up(t, &lab.Topology{
		Name:    "routed",
		Hosts:   []lab.HostConfig{host("client", "1"), host("server", "2")},
		Routers: []lab.RouterConfig{{HostConfig: lab.HostConfig{Name: "router"}}},
		Links:   []lab.LinkConfig{link("client", "1", 2, 1), link("server", "2", 2, 1)},
	})
	v4 := echo(t, network, "client", "server", "10.2.0.2:7")
	v6 := echo(t, network, "client", "server", "[fd00:2::2]:7")
	eventually(t, v4)
	eventually(t, v6)
	must(t, network.Link("server").Down())
	if _, err := v4.Write([]byte("ping")); err != nil {
		t.Errorf("the client's own link refuses: %v", err)
	}
	must(t, v4.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	if n, err := v4.Read(make([]byte, 16)); err == nil {
		t.Errorf("%d bytes from behind a link that is down", n)
	}
	must(t, network.Link("server").Up())
	eventually(t, v4)
	eventually(t, v6)
}

// TestLinkMTU: a datagram that fills the MTU passes, of one engine or none; a
// longer one is refused.
func TestLinkMTU(t *testing.T) {
	for _, mtu := range []int{576, 1400, 9000} {
		for name, i := range map[string]lab.Impairment{"plain": {}, "shaped": {Rate: 1e8}, "delayed": {Delay: 1e6}} {
			for _, later := range []bool{false, true} {
				t.Run(fmt.Sprint(mtu, name, later), func(t *testing.T) {
					netnstest.Require(t)
					topology := circle(2)
					topology.Links = topology.Links[:1]
					topology.Links[0].MTU, topology.Links[0].Impairment = mtu, i
					network, err := lab.Up(t.Context(), topology, lab.Options{Changeable: later})
					must(t, err)
					defer network.Close()
					expectMTU(t, network, mtu)
				})
			}
		}
	}
}

func expectMTU(t *testing.T, network *lab.Lab, mtu int) {
	t.Helper()
	const headers = 20 + 8 // of IPv4 and UDP
	c := echo(t, network, "host0", "host1", "10.0.0.2:9")
	raw, err := c.(*net.UDPConn).SyscallConn()
	must(t, err)
	must(t, raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, unix.IP_PMTUDISC_DO)
	}))
	must(t, err)
	if _, err := c.Write(make([]byte, mtu-headers+1)); !errors.Is(err, unix.EMSGSIZE) {
		t.Errorf("a packet of a byte more than the MTU: error %v", err)
	}
	if _, err := c.Write(make([]byte, mtu-headers)); err != nil {
		t.Fatal(err)
	}
	must(t, c.SetReadDeadline(time.Now().Add(patience)))
	n, err := c.Read(make([]byte, mtu))
	if want := min(mtu-headers, 2048); err != nil || n != want { // What echo reads at most.
		t.Errorf("%d bytes come back, %v; want %d", n, err, want)
	}
}
