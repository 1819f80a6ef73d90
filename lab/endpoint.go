package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"allroads/internal/document"
	"allroads/pathmanager"
)

// MPTCPConfig describes what a host's in-kernel path manager may do.
type MPTCPConfig struct {
	Limits    *LimitsConfig    `yaml:"limits,omitempty" json:"limits,omitempty"` // nil: the kernel's defaults
	Endpoints []EndpointConfig `yaml:"endpoints,omitempty" json:"endpoints,omitempty"`
}

// LimitsConfig sets the path manager's limits; see pathmanager.Limits.
type LimitsConfig struct {
	Subflows        uint32 `yaml:"subflows" json:"subflows"`
	AddAddrAccepted uint32 `yaml:"add_addr_accepted" json:"add_addr_accepted"`
}

// EndpointConfig is an endpoint of the path manager; see pathmanager.Endpoint.
type EndpointConfig struct {
	Address netip.Addr `yaml:"address" json:"address"`
	Dev     string     `yaml:"dev,omitempty" json:"dev,omitempty"`
	ID      uint8      `yaml:"id,omitempty" json:"id,omitempty"` // 0: the kernel chooses
	Port    uint16     `yaml:"port,omitempty" json:"port,omitempty"`
	Flags   []string   `yaml:"flags,omitempty" json:"flags,omitempty"` // words of ip-mptcp(8)
}

func mptcpSteps(h *HostConfig) []Step {
	steps := []Step{step(
		func(l *Lab) error { return l.hosts[h.Name].pm.Flush(context.Background()) },
		"ip -n %s mptcp endpoint flush", h.Name)}
	if limits := h.MPTCP.Limits; limits != nil {
		steps = append(steps, step(
			func(l *Lab) error {
				return l.hosts[h.Name].pm.SetLimits(context.Background(), pathmanager.Limits(*limits))
			},
			"ip -n %s mptcp limits set subflows %d add_addr_accepted %d", h.Name, limits.Subflows, limits.AddAddrAccepted))
	}
	for _, endpoint := range h.MPTCP.Endpoints {
		steps = append(steps, step(
			func(l *Lab) error { return l.addEndpoint(h.Name, endpoint) },
			"ip -n %s mptcp endpoint add %s", h.Name, endpoint))
	}
	return steps
}

func (l *Lab) addEndpoint(host string, config EndpointConfig) error {
	h := l.hosts[host]
	endpoint := pathmanager.Endpoint{Addr: config.Address, ID: config.ID, Port: config.Port}
	var err error
	if endpoint.Flags, err = config.flags(); err != nil {
		return err
	}
	if config.Dev != "" {
		if endpoint.IfIndex, err = h.route.LinkIndex(config.Dev); err != nil {
			return err
		}
	}
	return h.pm.AddEndpoint(context.Background(), endpoint)
}

// flags returns the endpoint's flags; Validate has seen to it that they exist.
func (e EndpointConfig) flags() (flags pathmanager.Flags, err error) {
	for _, word := range e.Flags {
		flag, err := pathmanager.ParseFlag(word)
		if err != nil {
			return 0, err
		}
		flags |= flag
	}
	return flags, nil
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

func (v *validator) endpoints(t *Topology, at document.Place, h *HostConfig) {
	for i, endpoint := range h.MPTCP.Endpoints {
		at := at.Sub("mptcp", "endpoints", i)
		// A zone could hold anything, and the kernel has an interface index for it.
		if a := endpoint.Address; !a.IsValid() || a.Is4In6() || a.IsUnspecified() || a.Zone() != "" {
			v.complain(at.Sub("address"), "host %s: endpoint %q: not an address of a host, without a zone", h.Name, a)
		}
		if _, err := endpoint.flags(); err != nil {
			v.complain(at.Sub("flags"), "host %s: endpoint %s: %w", h.Name, endpoint.Address, err)
		}
		if endpoint.Dev != "" && !t.hasInterface(h.Name, endpoint.Dev) {
			v.complain(at.Sub("dev"), "host %s: endpoint %s: no interface %q", h.Name, endpoint.Address, endpoint.Dev)
		}
	}
}
