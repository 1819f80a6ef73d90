package lab

import (
	"fmt"
	"strings"
	"time"

	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// Step is one thing that is done to build a lab.
type Step struct {
	// Command is the shell command that does the same.
	Command string

	do func(*Lab) error
}

// steps lists what building the topology takes, in order.
func (t *Topology) steps() []Step {
	var steps []Step
	for i := range t.Hosts {
		steps = append(steps, t.hostSteps(&t.Hosts[i])...)
	}
	for i := range t.Links {
		steps = append(steps, t.linkSteps(&t.Links[i])...)
	}
	for i := range t.Hosts {
		steps = append(steps, routingSteps(&t.Hosts[i])...)
		steps = append(steps, mptcpSteps(&t.Hosts[i])...)
	}
	return steps
}

func step(do func(*Lab) error, format string, args ...any) Step {
	return Step{Command: fmt.Sprintf(format, args...), do: do}
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
	for i, end := range link.Ends {
		steps = append(steps, sysctlSteps(t.host(end.Host), func(name string) bool { return name == end.Interface })...)
		steps = append(steps, endSteps(end)...)
		if rate := link.sends(i).Rate; rate != 0 && !link.carried() {
			steps = append(steps, rateStep(end, rate))
		}
	}
	if link.carried() {
		steps = append(steps, carryStep(link))
	}
	return steps
}

// carryStep is done for both ends at once; the commands are those of a kernel
// that has netem.
func carryStep(link *LinkConfig) Step {
	var commands []string
	for i, end := range link.Ends {
		commands = append(commands, fmt.Sprintf("tc -n %s qdisc replace dev %s root %s",
			end.Host, end.Interface, link.sends(i).netem()))
	}
	return step(func(l *Lab) error { return l.links[link.Name].carry() }, "%s", strings.Join(commands, "; "))
}

func endSteps(end EndConfig) []Step {
	var steps []Step
	for _, address := range end.Addresses {
		steps = append(steps, step(
			func(l *Lab) error { return l.hosts[end.Host].route.AddAddress(end.Interface, address) },
			"ip -n %s address add %s dev %s%s", end.Host, address, end.Interface, nodad(address.Addr().Is6())))
	}
	return append(steps, step(
		func(l *Lab) error { return l.hosts[end.Host].route.SetUp(end.Interface) },
		"ip -n %s link set dev %s up", end.Host, end.Interface))
}

func nodad(is6 bool) string {
	if is6 {
		return " nodad"
	}
	return ""
}

// A bucket of 16 KiB lets several full frames out at once, which the timers
// need at high rates; a queue of 50 ms is what a home router has on a good day.
// The kernel has 32 bits for the bytes per second, and for the time that the
// bucket takes to fill, in 64 ns.
const (
	rateBurst   = 16 << 10
	rateLatency = 50 * time.Millisecond
	minRate     = Rate(480)
	maxRate     = Rate(8 * (1<<32 - 1))
)

func rateStep(end EndConfig, rate Rate) Step {
	return step(
		func(l *Lab) error { return l.hosts[end.Host].setRate(end.Interface, rate) },
		"tc -n %s qdisc replace dev %s root tbf rate %s burst %d latency %s",
		end.Host, end.Interface, rate, rateBurst, rateLatency)
}

func (h *Host) setRate(name string, rate Rate) error {
	return h.route.SetTBF(name, rtnl.TBF{Rate: uint64(rate), Burst: rateBurst, Latency: rateLatency})
}

func mptcpSteps(h *HostConfig) []Step {
	steps := []Step{step(
		func(l *Lab) error { return l.hosts[h.Name].pm.FlushEndpoints() },
		"ip -n %s mptcp endpoint flush", h.Name)}
	if limits := h.MPTCP.Limits; limits != nil {
		steps = append(steps, step(
			func(l *Lab) error { return l.hosts[h.Name].pm.SetLimits(pathmanager.Limits(*limits)) },
			"ip -n %s mptcp limits set subflows %d add_addr_accepted %d", h.Name, limits.Subflows, limits.AddAddrAccepted))
	}
	for _, endpoint := range h.MPTCP.Endpoints {
		steps = append(steps, step(
			func(l *Lab) error { return l.addEndpoint(h.Name, endpoint) },
			"ip -n %s mptcp endpoint add %s", h.Name, endpoint))
	}
	return steps
}

// String writes the endpoint as arguments of `ip mptcp endpoint add`.
func (e EndpointConfig) String() string {
	words := []string{e.Address.String()}
	if e.Dev != "" {
		words = append(words, "dev", e.Dev)
	}
	if e.ID != 0 {
		words = append(words, "id", fmt.Sprint(e.ID))
	}
	if e.Port != 0 {
		words = append(words, "port", fmt.Sprint(e.Port))
	}
	return strings.Join(append(words, e.Flags...), " ")
}
