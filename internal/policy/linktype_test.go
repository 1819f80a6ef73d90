package policy_test

import (
	"testing"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/internal/rtnl"
)

func TestTypeOf(t *testing.T) {
	const ether, ppp, tunnel, sit, none, rawip, infiniband = 1, 512, 768, 776, 0xfffe, 519, 32
	for _, c := range []struct {
		link rtnl.Link
		want config.LinkType
	}{
		{rtnl.Link{Name: "lo", Loopback: true, Hardware: 772}, config.Loopback},
		{rtnl.Link{Name: "eth0", Hardware: ether}, config.Ethernet},
		{rtnl.Link{Name: "enp3s0", Hardware: ether}, config.Ethernet},
		{rtnl.Link{Name: "eth0.7", Kind: "vlan", Hardware: ether}, config.Ethernet},
		{rtnl.Link{Name: "bond0", Kind: "bond", Hardware: ether}, config.Ethernet},
		{rtnl.Link{Name: "anything", Wireless: true, Hardware: ether}, config.WiFi},
		{rtnl.Link{Name: "wlp2s0", Hardware: ether}, config.WiFi},
		{rtnl.Link{Name: "wlan0", Kind: "macvlan", Hardware: ether}, config.Container},
		{rtnl.Link{Name: "wwan0", Hardware: none}, config.WWAN},
		{rtnl.Link{Name: "wwp0s20f0u2i4", Hardware: ether}, config.WWAN},
		{rtnl.Link{Name: "rmnet_data0", Kind: "rmnet", Hardware: rawip}, config.WWAN},
		{rtnl.Link{Name: "wwan1", Kind: "wwan", Hardware: none}, config.WWAN},
		{rtnl.Link{Name: "usb7", Hardware: rawip}, config.WWAN},
		{rtnl.Link{Name: "ppp0", Hardware: ppp}, config.PPP},
		{rtnl.Link{Name: "dsl", Kind: "ppp", Hardware: ppp}, config.PPP},
		{rtnl.Link{Name: "tun0", Kind: "tun", Hardware: none}, config.Tun},
		{rtnl.Link{Name: "tap0", Kind: "tun", Hardware: ether}, config.Tun},
		{rtnl.Link{Name: "tunl0", Kind: "ipip", Hardware: tunnel}, config.Tun},
		{rtnl.Link{Name: "old", Hardware: sit}, config.Tun},
		{rtnl.Link{Name: "ipsec0", Kind: "xfrm", Hardware: none}, config.Tun},
		{rtnl.Link{Name: "vpn", Hardware: none}, config.Tun},
		{rtnl.Link{Name: "wg0", Kind: "wireguard", Hardware: none}, config.WireGuard},
		{rtnl.Link{Name: "wlan-wg", Kind: "wireguard", Hardware: none}, config.WireGuard},
		{rtnl.Link{Name: "eth0", Kind: "veth", Hardware: ether}, config.Container},
		{rtnl.Link{Name: "docker0", Kind: "bridge", Hardware: ether}, config.Container},
		{rtnl.Link{Name: "br-f00", Hardware: ether}, config.Container},
		{rtnl.Link{Name: "virbr0-nic", Hardware: ether}, config.Container},
		{rtnl.Link{Name: "d0", Kind: "dummy", Hardware: ether}, config.Container},
		{rtnl.Link{Name: "ib0", Hardware: infiniband}, config.Other},
		{rtnl.Link{Name: "blue", Kind: "vrf", Hardware: ether}, config.Ethernet},
	} {
		if got := policy.TypeOf(c.link); got != c.want {
			t.Errorf("%+v is %s, want %s", c.link, got, c.want)
		}
	}
}
