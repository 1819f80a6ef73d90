package config

import "net/netip"

// ConnectionRule chooses the strategy of the connections that it matches.
type ConnectionRule struct {
	Name     string          `yaml:"name,omitempty"`
	Match    ConnectionMatch `yaml:"match,omitempty"`
	Strategy `yaml:"strategy"`
}

// ConnectionMatch has to hold as a whole; within a list, one has to.
type ConnectionMatch struct {
	Peers      []netip.Prefix `yaml:"peers,omitempty"`
	Ports      []PortRange    `yaml:"ports,omitempty"`       // of the peer
	LocalPorts []PortRange    `yaml:"local_ports,omitempty"` // of this host
	UIDs       []uint32       `yaml:"uids,omitempty"`        // of who made the socket
	Cgroups    []string       `yaml:"cgroups,omitempty"`     // globs of paths, as /system.slice/nginx.service
	Side       Side           `yaml:"side,omitempty"`
}

// Side is which end of a connection this host is.
type Side string

// The sides.
const (
	Client Side = "client"
	Server Side = "server"
)

// PortRange is written 443 or 8000-8999.
type PortRange struct{ First, Last uint16 }
