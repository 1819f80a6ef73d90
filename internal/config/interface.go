package config

import "net/netip"

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

// The types of interfaces. Tun is any tunnel but WireGuard, and container is veth, macvlan,
// ipvlan, bridge, docker's and the like.
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
	// Metered says whether traffic costs, where the system does not. What Settings returns
	// has what the system says where the rule says nothing; nil: not known.
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
	Address netip.Addr `yaml:"address,omitzero"` // not valid: the local one
	Port    uint16     `yaml:"port,omitempty"`   // 0: that of the connection
	// Listen is the local port that the NAT leads Port to; allroadsd listens there for
	// subflows. 0: Port.
	Listen uint16 `yaml:"listen,omitempty"`
}
