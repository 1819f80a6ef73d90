// Package lab builds test networks out of network namespaces: hosts joined by
// links, with addresses, kernel settings and MPTCP endpoints, described by a Go
// value or a YAML file. A lab needs no root where user namespaces are allowed,
// and leaves nothing behind.
package lab

import (
	"iter"
	"net/netip"

	"allroads/internal/document"
)

// Topology describes a lab.
type Topology struct {
	Name     string         `yaml:"name" json:"name"`
	Extends  string         `yaml:"extends,omitempty" json:"extends,omitempty"` // the file that this one adds to
	Hosts    []HostConfig   `yaml:"hosts" json:"hosts"`
	Routers  []RouterConfig `yaml:"routers,omitempty" json:"routers,omitempty"`
	Switches []SwitchConfig `yaml:"switches,omitempty" json:"switches,omitempty"`
	Links    []LinkConfig   `yaml:"links" json:"links"`
	Engine   Engine         `yaml:"engine,omitempty" json:"engine,omitempty"` // what delays and loses packets
	Seed     uint64         `yaml:"seed,omitempty" json:"seed,omitempty"`     // decides what is left to chance on links
	Scenario *Scenario      `yaml:"scenario,omitempty" json:"scenario,omitempty"`
}

// HostConfig describes a host, which is a network namespace.
type HostConfig struct {
	Name      string            `yaml:"name" json:"name"`
	Sysctls   map[string]string `yaml:"sysctls,omitempty" json:"sysctls,omitempty"` // network settings, as of sysctl(8)
	MPTCP     MPTCPConfig       `yaml:"mptcp,omitempty" json:"mptcp"`
	Routes    []RouteConfig     `yaml:"routes,omitempty" json:"routes,omitempty"`
	Rules     []RuleConfig      `yaml:"rules,omitempty" json:"rules,omitempty"`
	Processes []ProcessConfig   `yaml:"processes,omitempty" json:"processes,omitempty"`
}

// SwitchConfig describes a switch: a bridge that its links are plugged into.
type SwitchConfig struct {
	Name string `yaml:"name" json:"name"`
}

// LinkConfig describes a link: a cable between two hosts, with what it does to
// packets in both directions.
type LinkConfig struct {
	Name       string `yaml:"name" json:"name"`
	Impairment `yaml:",inline"`
	MTU        int         `yaml:"mtu,omitempty" json:"mtu,omitempty"` // bytes of an IP packet, 576 to 65535; 0: 1500
	Ends       []EndConfig `yaml:"ends" json:"ends"`                   // two
	Middlebox  []LinkRule  `yaml:"middlebox,omitempty" json:"middlebox,omitempty"`
}

// EndConfig is a link's interface in one host, with what the link does to the
// packets that it sends, where that differs from the other direction.
type EndConfig struct {
	Host string `yaml:"host" json:"host"` // or a router, or a switch
	// Interface is its name, "" for the link's. The kernel's limit is 15 bytes:
	// a longer name is shortened, and the file may go on using the long one.
	Interface  string         `yaml:"interface,omitempty" json:"interface,omitempty"`
	Addresses  []netip.Prefix `yaml:"addresses,omitempty" json:"addresses,omitempty"`
	Impairment `yaml:",inline"`
}

// nodes yields hosts and routers, with the place of each in the file.
func (t *Topology) nodes() iter.Seq2[document.Place, *HostConfig] {
	return func(yield func(document.Place, *HostConfig) bool) {
		for i := range t.Hosts {
			if !yield(document.Place{"hosts", i}, &t.Hosts[i]) {
				return
			}
		}
		for i := range t.Routers {
			if !yield(document.Place{"routers", i}, &t.Routers[i].HostConfig) {
				return
			}
		}
	}
}

// Names lists hosts, routers and switches, in this order.
func (t *Topology) Names() (names []string) {
	for _, host := range t.nodes() {
		names = append(names, host.Name)
	}
	for _, s := range t.Switches {
		names = append(names, s.Name)
	}
	return names
}

// node returns the host or router with a name.
func (t *Topology) node(name string) *HostConfig {
	for _, h := range t.nodes() {
		if h.Name == name {
			return h
		}
	}
	return nil
}

func (t *Topology) isSwitch(name string) bool {
	for _, s := range t.Switches {
		if s.Name == name {
			return true
		}
	}
	return false
}

// ends yields all ends of links with the link that each is of.
func (t *Topology) ends() iter.Seq2[*LinkConfig, *EndConfig] {
	return func(yield func(*LinkConfig, *EndConfig) bool) {
		for i := range t.Links {
			for j := range t.Links[i].Ends {
				if !yield(&t.Links[i], &t.Links[i].Ends[j]) {
					return
				}
			}
		}
	}
}

func (t *Topology) hasInterface(host, name string) bool {
	for _, end := range t.ends() {
		if end.Host == host && end.Interface == name {
			return true
		}
	}
	return false
}
