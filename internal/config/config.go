// Package config is what allroadsd is told to do: read from YAML, checked, and asked.
package config

import (
	"net/netip"
	"time"
)

// Config is the whole configuration. Default returns the one without any file.
type Config struct {
	// Namespaces are host (that of allroadsd itself), names of `ip netns`, or all-with-mptcp.
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
	CheckEvery time.Duration `yaml:"check_every,omitempty"`
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

// Role is what a local address is for.
type Role string

// The roles.
const (
	Use     Role = "use"     // subflows are made from it
	Backup  Role = "backup"  // and used when no other can be
	Signal  Role = "signal"  // it is announced to the peers of accepted connections
	Laminar Role = "laminar" // a source for subflows to announced addresses (Linux 6.18)
	Never   Role = "never"
)

// LinkType is a kind of network interface.
type LinkType string

// The types of interfaces. Container is veth, macvlan, ipvlan, bridge, docker's and the like.
const (
	Ethernet  LinkType = "ethernet"
	WiFi      LinkType = "wifi"
	WWAN      LinkType = "wwan"
	PPP       LinkType = "ppp"
	Tun       LinkType = "tun"
	WireGuard LinkType = "wireguard"
	Container LinkType = "container"
	Loopback  LinkType = "loopback"
	Other     LinkType = "other"
)

// InterfaceRule says what the addresses that it matches are for.
type InterfaceRule struct {
	Name              string         `yaml:"name,omitempty"` // for status; "" is interfaces[N]
	Match             InterfaceMatch `yaml:"match,omitempty"`
	InterfaceSettings `yaml:",inline"`
}

// InterfaceMatch has to hold as a whole; within a list, one has to. What is empty holds.
type InterfaceMatch struct {
	Names    []string       `yaml:"names,omitempty"` // globs: eth*, wlan0
	Types    []LinkType     `yaml:"types,omitempty"`
	Prefixes []netip.Prefix `yaml:"prefixes,omitempty"` // that the address lies in
	Family   Family         `yaml:"family,omitempty"`
	Metered  *bool          `yaml:"metered,omitempty"` // whether traffic costs; where not known, no rule that asks matches
}

// Family is ipv4 or ipv6.
type Family string

// The families.
const (
	IPv4 Family = "ipv4"
	IPv6 Family = "ipv6"
)

// InterfaceSettings are what a rule sets for the addresses that it matches.
type InterfaceSettings struct {
	Role Role `yaml:"role,omitempty"` // "": Use
	// Cost orders addresses: the lower first. It decides which get the kernel's places
	// where there are more than it has, and which path is primary in strategies with one.
	Cost int `yaml:"cost,omitempty"`
	// Cap is how many subflows a connection may have from the interface, 0: no cap.
	Cap int `yaml:"cap,omitempty"`
	// Fullmesh: subflows from it to every address of the peer (kernel mode).
	Fullmesh bool `yaml:"fullmesh,omitempty"`
	// Strategy of connections that began on this interface and that no rule of
	// Connections matches.
	Strategy *Strategy `yaml:"strategy,omitempty"`
	// Needs says what the address waits for: a default route, or nothing but itself.
	Needs Need `yaml:"needs,omitempty"`
	// Announce, with role signal, is what peers are told instead of the address itself.
	Announce *Announcement `yaml:"announce,omitempty"`
	// Routing, where not nil, overrides Config.Routing.
	Routing *bool `yaml:"routing,omitempty"`
	// Metered says whether traffic costs, where the system does not.
	Metered *bool `yaml:"metered,omitempty"`
	// Temporary and deprecated addresses are left alone unless this is set.
	Temporary  bool `yaml:"temporary,omitempty"`
	Deprecated bool `yaml:"deprecated,omitempty"`
	LinkLocal  bool `yaml:"link_local,omitempty"`
}

// Need is what has to be there before an address is used.
type Need string

// The needs.
const (
	NeedDefaultRoute Need = "default-route" // the default
	NeedAddress      Need = "address"       // for networks without a gateway
)

// Announcement is an address as the peer sees it, behind a NAT.
type Announcement struct {
	Address netip.Addr `yaml:"address,omitempty"` // not valid: the local one
	Port    uint16     `yaml:"port,omitempty"`    // 0: that of the connection
	// Listen is the local port that the NAT leads Port to; allroadsd listens there for
	// subflows. 0: Port.
	Listen uint16 `yaml:"listen,omitempty"`
}

// ConnectionRule chooses the strategy of the connections that it matches.
type ConnectionRule struct {
	Name     string          `yaml:"name,omitempty"`
	Match    ConnectionMatch `yaml:"match,omitempty"`
	Strategy `yaml:",inline"`
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

// Strategy is how the paths of a connection are managed in userspace mode.
type Strategy struct {
	Kind StrategyKind `yaml:"strategy,omitempty"` // "": fullmesh
	// Subflows bounds the subflows of a connection beside the initial one; 0: 8.
	Subflows int `yaml:"subflows,omitempty"`
	// N is how many subflows ndiffports makes from the initial address in all.
	N int `yaml:"n,omitempty"`
	// Join says when a backup path is joined: at once, or when the primary is bad.
	Join Join `yaml:"join,omitempty"`
	// Bad is when a path counts as bad, and Recovered for how long it has to be good
	// again before it is taken back (0: 5 s).
	Bad       Bad           `yaml:"bad,omitempty"`
	Recovered time.Duration `yaml:"recovered,omitempty"`
}

// StrategyKind names a strategy.
type StrategyKind string

// The strategies, and the intents that people know from phones.
const (
	Fullmesh           StrategyKind = "fullmesh"             // every local to every remote address
	SinglePerInterface StrategyKind = "single-per-interface" // one subflow from each interface
	NDiffPorts         StrategyKind = "ndiffports"           // N subflows between the same addresses
	BackupPath         StrategyKind = "backup"               // standby paths
	Handover           StrategyKind = "handover"             // a second path only when the first is bad
	Interactive        StrategyKind = "interactive"          // the lowest latency first
	Aggregate          StrategyKind = "aggregate"            // all paths at once
	NoPaths            StrategyKind = "none"                 // no subflow is made
)

// Join is when a backup path is joined.
type Join string

// When.
const (
	AtOnce     Join = "at-once" // the default of backup
	WhenNeeded Join = "when-needed"
)

// Bad are the bounds of a good path; each 0 is the default.
type Bad struct {
	Stall time.Duration `yaml:"stall,omitempty"` // data is out, and nothing comes back; 0: 500 ms
	RTT   time.Duration `yaml:"rtt,omitempty"`   // smoothed; 0: no bound
	Loss  float64       `yaml:"loss,omitempty"`  // part of the segments sent again, 0 to 1; 0: no bound
}

// Limits are the kernel's; what is nil follows from the number of endpoints.
type Limits struct {
	Subflows        *uint32 `yaml:"subflows,omitempty"`
	AddAddrAccepted *uint32 `yaml:"add_addr_accepted,omitempty"`
}
