package lab

import (
	"context"
	"fmt"
)

// Step is one thing that is done to build a lab.
type Step struct {
	// Command is the shell command that does the same.
	Command string

	do func(context.Context, *Lab) error
}

// steps lists what building the topology takes, in order, up to what can only be
// done when all links are up.
func (t *Topology) steps() []Step {
	var steps []Step
	for _, host := range t.nodes() {
		steps = append(steps, t.hostSteps(host)...)
	}
	for i := range t.Switches {
		steps = append(steps, switchSteps(&t.Switches[i])...)
	}
	for i := range t.Links {
		steps = append(steps, t.linkSteps(&t.Links[i])...)
	}
	for at, host := range t.nodes() {
		steps = append(steps, routingSteps(host)...)
		if at[0] == "hosts" || host.MPTCP.Limits != nil || host.MPTCP.Endpoints != nil {
			steps = append(steps, mptcpSteps(host)...)
		}
	}
	for i := range t.Routers {
		steps = append(steps, routerSteps(&t.Routers[i])...)
	}
	return steps
}

// processSteps lists the processes to start, in order.
func (t *Topology) processSteps() []Step {
	var steps []Step
	for _, host := range t.nodes() {
		for i := range host.Processes {
			steps = append(steps, processStep(host, &host.Processes[i]))
		}
	}
	return steps
}

func step(do func(*Lab) error, format string, args ...any) Step {
	return Step{fmt.Sprintf(format, args...), func(_ context.Context, l *Lab) error { return do(l) }}
}

func (t *Topology) hostSteps(h *HostConfig) []Step {
	steps := []Step{
		step(func(l *Lab) error { return l.addHost(h.Name) }, "ip netns add %s", h.Name),
		step(func(l *Lab) error { return l.hosts[h.Name].route.SetUp("lo") }, "ip -n %s link set dev lo up", h.Name),
	}
	return append(steps, sysctlSteps(h, func(name string) bool { return !t.hasInterface(h.Name, name) })...)
}

func (t *Topology) linkSteps(link *LinkConfig) []Step {
	a, b := link.Ends[0], link.Ends[1]
	steps := []Step{step(
		func(l *Lab) error { return l.links[link.Name].connect() },
		"ip link add name %s netns %s type veth peer name %s netns %s", a.Interface, a.Host, b.Interface, b.Host)}
	for _, end := range link.Ends {
		steps = append(steps, t.endSteps(link, end)...)
	}
	return append(steps, impairmentSteps(link)...)
}

func (t *Topology) endSteps(link *LinkConfig, end EndConfig) []Step {
	var steps []Step
	route := func(name string, do func(*Host) error) {
		steps = append(steps, step(func(l *Lab) error { return do(l.hosts[end.Host]) }, "ip -n %s %s", end.Host, name))
	}
	if host := t.node(end.Host); host != nil {
		steps = sysctlSteps(host, func(name string) bool { return name == end.Interface })
	} else {
		route(fmt.Sprintf("link set dev %s master %s", end.Interface, bridge),
			func(h *Host) error { return h.route.SetMaster(end.Interface, bridge) })
	}
	if link.MTU != 0 {
		route(fmt.Sprintf("link set dev %s mtu %d", end.Interface, link.MTU),
			func(h *Host) error { return h.route.SetMTU(end.Interface, link.MTU) })
	}
	for _, address := range end.Addresses {
		route(fmt.Sprintf("address add %s dev %s%s", address, end.Interface, nodad(address.Addr().Is6())),
			func(h *Host) error { return h.route.AddAddress(end.Interface, address) })
	}
	route(fmt.Sprintf("link set dev %s up", end.Interface),
		func(h *Host) error { return h.route.SetUp(end.Interface) })
	return steps
}

func nodad(is6 bool) string {
	if is6 {
		return " nodad"
	}
	return ""
}

// bridge is the interface of a switch that its links are plugged into.
const bridge = "br0"

func switchSteps(s *SwitchConfig) []Step {
	return []Step{
		step(func(l *Lab) error { return l.addHost(s.Name) }, "ip netns add %s", s.Name),
		step(func(l *Lab) error { return l.hosts[s.Name].ns.SetSysctl("net.ipv6.conf.default.disable_ipv6", "1") },
			"ip netns exec %s sysctl -q -w net.ipv6.conf.default.disable_ipv6=1", s.Name),
		step(func(l *Lab) error { return l.hosts[s.Name].route.AddBridge(bridge) },
			"ip -n %s link add name %s type bridge mcast_snooping 0 forward_delay 0", s.Name, bridge),
		step(func(l *Lab) error { return l.hosts[s.Name].route.SetUp(bridge) },
			"ip -n %s link set dev %s up", s.Name, bridge),
	}
}

// impairmentSteps show what the impairment of a link takes with tc(8) of a kernel
// that has netem; in truth all links are impaired together, when they are up.
func impairmentSteps(link *LinkConfig) []Step {
	var steps []Step
	for i, end := range link.Ends {
		sends := link.sends(i)
		if sends == (Impairment{}) {
			continue
		}
		steps = append(steps,
			step(func(l *Lab) error { return l.links[link.Name].singleFrames(i) },
				"ip netns exec %s ethtool -K %s tx off tso off gso off gro off", end.Host, end.Interface),
			step(func(l *Lab) error { return nil },
				"tc -n %s qdisc replace dev %s root %s", end.Host, end.Interface, sends.qdisc()))
	}
	return steps
}
