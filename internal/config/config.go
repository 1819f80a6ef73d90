// Package config is what allroadsd is told to do: read from YAML, checked, and asked.
package config

import "time"

// Config is the whole configuration. Default returns the one without any file.
type Config struct {
	// Namespaces are host (that of allroadsd itself), names of `ip netns`, absolute paths,
	// or all-with-mptcp: all in which net.mptcp.enabled is 1.
	Namespaces []string `yaml:"namespaces,omitempty"`
	// Mode says who manages paths. Auto takes what the sysctl net.mptcp.path_manager says.
	Mode Mode `yaml:"mode,omitempty"`
	// Strategy is for connections that no rule of Connections matches (userspace mode).
	Strategy Strategy `yaml:"strategy,omitempty"`
	// Interfaces are asked in order for each local address; the first that matches decides,
	// and what none matches is decided by the built-in rules that come after them.
	Interfaces []InterfaceRule `yaml:"interfaces,omitempty"`
	// Connections are asked in order for each connection; the first that matches decides.
	Connections []ConnectionRule `yaml:"connections,omitempty"`
	Limits      Limits           `yaml:"limits,omitempty"`
	// Routing: a table and a rule of its own for each managed address with a gateway.
	// InterfaceSettings may say otherwise.
	Routing bool `yaml:"routing,omitempty"`
	// OnStop: whether endpoints, limits, tables and rules go when allroadsd stops.
	OnStop OnStop `yaml:"on_stop,omitempty"`
	// CheckEvery is how often the kernel's tables are compared with the policy although
	// nothing was heard of (there is no event for changes of the endpoint table). 0: never.
	// The default is a minute.
	CheckEvery time.Duration `yaml:"check_every"`
}

// Mode is who manages the paths of new connections in a namespace.
type Mode string

// The modes.
const (
	Auto      Mode = "auto"
	Kernel    Mode = "kernel"    // endpoints and limits in the kernel's tables
	Userspace Mode = "userspace" // each connection by its strategy
)

// OnStop is what stays when allroadsd stops.
type OnStop string

// What happens on stop.
const (
	Remove OnStop = "remove"
	Keep   OnStop = "keep"
)

// Limits are the kernel's; what is nil follows from the number of endpoints.
type Limits struct {
	Subflows        *uint32 `yaml:"subflows,omitempty"`
	AddAddrAccepted *uint32 `yaml:"add_addr_accepted,omitempty"`
}
