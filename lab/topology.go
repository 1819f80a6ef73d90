// Package lab builds test networks out of network namespaces: hosts joined by
// links, with addresses, kernel settings and MPTCP endpoints, described by a Go
// value or a YAML file. A lab needs no root where user namespaces are allowed,
// and leaves nothing behind.
package lab

import (
	"net/netip"

	"allroads/pathmanager"
)

// Topology describes a lab.
type Topology struct {
	Name  string       `yaml:"name" json:"name"`
	Hosts []HostConfig `yaml:"hosts" json:"hosts"`
	Links []LinkConfig `yaml:"links" json:"links"`
	Seed  uint64       `yaml:"seed,omitempty" json:"seed,omitempty"` // decides what is left to chance on links
}

// HostConfig describes a host, which is a network namespace.
type HostConfig struct {
	Name    string            `yaml:"name" json:"name"`
	Sysctls map[string]string `yaml:"sysctls,omitempty" json:"sysctls,omitempty"` // network settings, as of sysctl(8)
	MPTCP   MPTCPConfig       `yaml:"mptcp,omitempty" json:"mptcp"`
	Routes  []RouteConfig     `yaml:"routes,omitempty" json:"routes,omitempty"`
	Rules   []RuleConfig      `yaml:"rules,omitempty" json:"rules,omitempty"`
}

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

// LinkConfig describes a link: a cable between two hosts, with what it does to
// packets in both directions.
type LinkConfig struct {
	Name       string `yaml:"name" json:"name"`
	Impairment `yaml:",inline"`
	Ends       []EndConfig `yaml:"ends" json:"ends"` // two
}

// EndConfig is a link's interface in one host, with what the link does to the
// packets that it sends, where that differs from the other direction.
type EndConfig struct {
	Host       string         `yaml:"host" json:"host"`
	Interface  string         `yaml:"interface" json:"interface"`
	Addresses  []netip.Prefix `yaml:"addresses,omitempty" json:"addresses,omitempty"`
	Impairment `yaml:",inline"`
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

func (t *Topology) host(name string) *HostConfig {
	for i := range t.Hosts {
		if t.Hosts[i].Name == name {
			return &t.Hosts[i]
		}
	}
	return nil
}
