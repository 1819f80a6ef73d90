package policy

import (
	"slices"
	"strings"

	"allroads/internal/config"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// kinds are the virtual interfaces whose kind alone tells the type.
var kinds = map[string]config.LinkType{
	"wwan": config.WWAN, "rmnet": config.WWAN,
	"ppp":       config.PPP,
	"wireguard": config.WireGuard,
	"tun":       config.Tun, "ipip": config.Tun, "gre": config.Tun, "gretap": config.Tun, "erspan": config.Tun,
	"sit": config.Tun, "vti": config.Tun, "vti6": config.Tun, "xfrm": config.Tun, "ip6tnl": config.Tun,
	"ip6gre": config.Tun, "ip6gretap": config.Tun, "ip6erspan": config.Tun, "ovpn": config.Tun,
	"vxlan": config.Tun, "geneve": config.Tun, "bareudp": config.Tun, "amt": config.Tun, "gtp": config.Tun,
	"veth": config.Container, "bridge": config.Container, "macvlan": config.Container, "macvtap": config.Container,
	"ipvlan": config.Container, "ipvtap": config.Container, "netkit": config.Container, "openvswitch": config.Container,
	"dummy": config.Container, "ifb": config.Container,
}

// containerNames begin the names that container and machine managers give.
var containerNames = []string{"docker", "podman", "br-", "virbr", "cni", "cali", "flannel", "lxc", "lxd", "veth", "vnet"}

// hardware are the numbers of linux/if_arp.h that tell the type.
var hardware = map[uint16]config.LinkType{
	unix.ARPHRD_ETHER:   config.Ethernet,
	unix.ARPHRD_PPP:     config.PPP,
	unix.ARPHRD_RAWIP:   config.WWAN,
	unix.ARPHRD_TUNNEL:  config.Tun,
	unix.ARPHRD_TUNNEL6: config.Tun,
	unix.ARPHRD_SIT:     config.Tun,
	unix.ARPHRD_IPGRE:   config.Tun,
	unix.ARPHRD_IP6GRE:  config.Tun,
	unix.ARPHRD_NONE:    config.Tun,
}

// TypeOf tells what kind of interface a link is. What is made of another interface and
// carries its frames as they are (vlan, bond, team, macsec) is ethernet. A dummy is
// container: nothing that is sent there leaves the host.
//
// A veth is container wherever it is: from inside of a container's namespace its uplink
// looks the same as the other end does from outside. allroadsd in a container needs a
// rule that says so: `interfaces: [{match: {names: [eth0]}, role: use}]`.
func TypeOf(link rtnl.Link) config.LinkType {
	named := func(prefix string) bool { return strings.HasPrefix(link.Name, prefix) }
	if link.Loopback {
		return config.Loopback
	}
	if known, ok := kinds[link.Kind]; ok {
		return known
	}
	switch {
	case slices.ContainsFunc(containerNames, named):
		return config.Container
	case link.Wireless || named("wl") && link.Kind == "":
		return config.WiFi
	case named("ww"):
		return config.WWAN
	}
	if known, ok := hardware[link.Hardware]; ok {
		return known
	}
	return config.Other
}
