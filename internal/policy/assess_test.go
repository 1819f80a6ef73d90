package policy_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/internal/rtnl"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

var anywhere4, anywhere6 = netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")

// link is an Ethernet interface that is up.
func link(index int, name string) rtnl.Link {
	return rtnl.Link{Index: index, Name: name, Hardware: unix.ARPHRD_ETHER, Up: true, Running: true}
}

func address(index int, prefix string) rtnl.Address {
	return rtnl.Address{Link: index, Prefix: netip.MustParsePrefix(prefix), Preferred: -1, Valid: -1}
}

func defaultVia(index int, via string, metric uint32) rtnl.Hop {
	hop := rtnl.Hop{To: anywhere4, Link: index, Via: netip.MustParseAddr(via), Table: unix.RT_TABLE_MAIN, Metric: metric, Protocol: unix.RTPROT_DHCP}
	if hop.Via.Is6() {
		hop.To = anywhere6
	}
	return hop
}

// kernelRules are those that the kernel begins with.
func kernelRules() (rules []rtnl.PolicyRule) {
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		rules = append(rules,
			rtnl.PolicyRule{Family: family, Table: unix.RT_TABLE_LOCAL, Priority: 0},
			rtnl.PolicyRule{Family: family, Table: unix.RT_TABLE_MAIN, Priority: 32766})
	}
	return append(rules, rtnl.PolicyRule{Family: unix.AF_INET, Table: unix.RT_TABLE_DEFAULT, Priority: 32767})
}

func picture(links ...rtnl.Link) *rtnl.Picture {
	p := &rtnl.Picture{Links: map[int]rtnl.Link{}, Rules: kernelRules()}
	for _, link := range links {
		p.Links[link.Index] = link
	}
	return p
}

// laptop has Wi-Fi and LTE, and an Ethernet interface without a cable.
func laptop() *rtnl.Picture {
	wifi := link(3, "wlan0")
	wifi.Wireless = true
	cable := link(2, "eth0")
	cable.Running = false
	p := picture(link(4, "wwan0"), wifi, cable)
	p.Addresses = []rtnl.Address{address(2, "10.0.0.2/24"), address(3, "192.168.0.2/24"), address(4, "100.64.0.2/30")}
	p.Defaults = []rtnl.Hop{defaultVia(3, "192.168.0.1", 600), defaultVia(4, "100.64.0.1", 700)}
	return p
}

// shown is what a test compares of an assessment.
func shown(assessments []policy.Assessment) (lines []string) {
	for _, a := range assessments {
		line := fmt.Sprintf("%s %s %s", a.Address.Addr(), a.Link.Name, a.State)
		if a.Reason != "" {
			line += ": " + a.Reason
		}
		lines = append(lines, line)
	}
	return lines
}

func TestAssessLaptop(t *testing.T) {
	want := []string{
		"192.168.0.2 wlan0 ready",
		"100.64.0.2 wwan0 ready",
		"10.0.0.2 eth0 waiting: no carrier",
	}
	if diff := cmp.Diff(want, shown(policy.Assess(laptop(), config.Default(), nil))); diff != "" {
		t.Error(diff)
	}
}

// TestAssess changes one thing of a network in which 10.0.0.2 on eth0 is ready.
func TestAssess(t *testing.T) {
	one := func(settings config.InterfaceSettings) *config.Config {
		return &config.Config{Interfaces: []config.InterfaceRule{{Name: "mine", InterfaceSettings: settings}}}
	}
	type network struct {
		*rtnl.Picture
		c *config.Config
	}
	edit := func(n *network, change func(*rtnl.Link)) {
		link := n.Links[2]
		change(&link)
		n.Links[2] = link
	}
	set := func(flags uint32) func(*network) { return func(n *network) { n.Addresses[0].Flags = flags } }
	v6 := func(prefix string, flags uint32) func(*network) {
		return func(n *network) {
			n.Addresses[0] = address(2, prefix)
			n.Addresses[0].Flags = flags
			n.Defaults = append(n.Defaults, defaultVia(2, "fe80::1", 1024))
		}
	}
	allow := func(settings config.InterfaceSettings, change func(*network)) func(*network) {
		return func(n *network) { change(n); n.c = one(settings) }
	}
	table := func(rule rtnl.PolicyRule) func(*network) {
		return func(n *network) {
			n.Defaults[0].Table = 100
			rule.Family, rule.Table, rule.Priority = unix.AF_INET, 100, 1000
			n.Rules = append(n.Rules, rule)
		}
	}
	for name, c := range map[string]struct {
		change func(*network)
		want   string
	}{
		"as it is":      {func(*network) {}, "ready"},
		"down":          {func(n *network) { edit(n, func(l *rtnl.Link) { l.Up, l.Running = false, false }) }, "waiting: interface is down"},
		"no carrier":    {func(n *network) { edit(n, func(l *rtnl.Link) { l.Running = false }) }, "waiting: no carrier"},
		"tentative":     {v6("2001:db8::2/64", unix.IFA_F_TENTATIVE), "waiting: waiting for duplicate address detection"},
		"optimistic":    {v6("2001:db8::2/64", unix.IFA_F_TENTATIVE|unix.IFA_F_OPTIMISTIC), "ready"},
		"DAD failed":    {v6("2001:db8::2/64", unix.IFA_F_TENTATIVE|unix.IFA_F_DADFAILED), "left: another host has this address (duplicate address detection failed)"},
		"IPv6":          {v6("2001:db8::2/64", 0), "ready"},
		"unique local":  {v6("fd00::2/64", 0), "ready"},
		"secondary":     {set(unix.IFA_F_SECONDARY), "ready"},
		"deprecated":    {set(unix.IFA_F_DEPRECATED), "left: it is deprecated"},
		"and wanted":    {allow(config.InterfaceSettings{Deprecated: true}, set(unix.IFA_F_DEPRECATED)), "ready"},
		"temporary":     {v6("2001:db8::2/64", unix.IFA_F_TEMPORARY), "left: it is temporary (a privacy address)"},
		"temporary too": {allow(config.InterfaceSettings{Temporary: true}, v6("2001:db8::2/64", unix.IFA_F_TEMPORARY)), "ready"},
		"link-local":    {v6("fe80::2/64", 0), "left: it is link-local"},
		"link-local ok": {allow(config.InterfaceSettings{LinkLocal: true}, v6("fe80::2/64", 0)), "ready"},
		"host scope":    {func(n *network) { n.Addresses[0].Scope = unix.RT_SCOPE_HOST }, "left: it is valid inside of this host only (scope host)"},
		"link scope":    {func(n *network) { n.Addresses[0].Scope = unix.RT_SCOPE_LINK }, "left: it is link-local"},
		"no route":      {func(n *network) { n.Defaults = nil }, "waiting: waiting for a default route"},
		"no need":       {allow(config.InterfaceSettings{Needs: config.NeedAddress}, func(n *network) { n.Defaults = nil }), "ready"},
		"other's route": {func(n *network) { n.Defaults[0].Link = 3 }, "waiting: waiting for a default route"},
		"other family":  {func(n *network) { n.Defaults[0] = defaultVia(2, "fe80::1", 0) }, "waiting: waiting for a default route"},
		"own copy only": {func(n *network) { n.Defaults[0].Protocol = rtnl.Protocol }, "waiting: waiting for a default route"},
		"for others": {func(n *network) {
			v6("2001:db8::2/64", 0)(n)
			n.Defaults[1].From = netip.MustParsePrefix("2001:db8:1::/48")
		}, "waiting: waiting for a default route"},
		"for it": {func(n *network) {
			v6("2001:db8::2/64", 0)(n)
			n.Defaults[1].From = netip.MustParsePrefix("2001:db8::/48")
		}, "ready"},
		"unled table":   {func(n *network) { n.Defaults[0].Table = 100 }, "waiting: waiting for a default route"},
		"policy-routed": {table(rtnl.PolicyRule{From: netip.MustParsePrefix("10.0.0.2/32")}), "ready"},
		"by its prefix": {table(rtnl.PolicyRule{From: netip.MustParsePrefix("10.0.0.0/24")}), "ready"},
		"by everything": {table(rtnl.PolicyRule{}), "ready"},
		"for another":   {table(rtnl.PolicyRule{From: netip.MustParsePrefix("10.0.0.3/32")}), "waiting: waiting for a default route"},
		"to some":       {table(rtnl.PolicyRule{To: netip.MustParsePrefix("203.0.113.0/24")}), "waiting: waiting for a default route"},
		"to all":        {table(rtnl.PolicyRule{To: anywhere4}), "ready"},
		"perhaps":       {table(rtnl.PolicyRule{Other: true}), "ready"},
		"no rules seen": {func(n *network) { n.Rules = nil }, "ready"},
		"never":         {allow(config.InterfaceSettings{Role: config.Never}, func(*network) {}), "left: rule mine says never"},
		"VPN":           {func(n *network) { edit(n, func(l *rtnl.Link) { l.Kind = "wireguard" }) }, "left: it is a VPN's (wireguard)"},
		"tunnel":        {func(n *network) { edit(n, func(l *rtnl.Link) { l.Kind = "ipip" }) }, "left: it is a VPN's (tun, ipip)"},
		"veth":          {func(n *network) { edit(n, func(l *rtnl.Link) { l.Kind = "veth" }) }, "left: it is of containers or machines on this host (container, veth)"},
		"veth wanted":   {allow(config.InterfaceSettings{}, func(n *network) { edit(n, func(l *rtnl.Link) { l.Kind = "veth" }) }), "ready"},
		"bridge port": {func(n *network) {
			edit(n, func(l *rtnl.Link) { l.Master = 9 })
			n.Links[9] = rtnl.Link{Index: 9, Name: "br0", Kind: "bridge"}
		}, "left: eth0 is part of the bridge br0"},
		"bond slave": {func(n *network) {
			edit(n, func(l *rtnl.Link) { l.Master = 9 })
			n.Links[9] = rtnl.Link{Index: 9, Name: "bond0", Kind: "bond"}
		}, "left: eth0 is part of the bond bond0"},
		"unknown master": {func(n *network) { edit(n, func(l *rtnl.Link) { l.Master = 9 }) }, "left: eth0 is part of another interface (index 9)"},
		"VRF": {func(n *network) {
			edit(n, func(l *rtnl.Link) { l.Master = 9 })
			n.Links[9] = rtnl.Link{Index: 9, Name: "blue", Kind: "vrf"}
			n.Defaults[0].Table = 10
		}, "ready"},
	} {
		n := network{picture(link(2, "eth0"), link(3, "eth1")), config.Default()}
		n.Addresses = []rtnl.Address{address(2, "10.0.0.2/24")}
		n.Defaults = []rtnl.Hop{defaultVia(2, "10.0.0.1", 0)}
		c.change(&n)
		addr := n.Addresses[0].Addr().String()
		if diff := cmp.Diff([]string{addr + " eth0 " + c.want}, shown(policy.Assess(n.Picture, n.c, nil))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestAssessLoopback: addresses of loopback interfaces and of links that are not known
// are not told of, nor are peers' addresses.
func TestAssessLoopback(t *testing.T) {
	p := picture(rtnl.Link{Index: 1, Name: "lo", Loopback: true, Up: true, Running: true}, link(2, "ppp0"))
	peer := address(2, "10.0.0.2/32")
	peer.Peer = netip.MustParseAddr("10.0.0.1")
	p.Addresses = []rtnl.Address{address(1, "127.0.0.1/8"), address(1, "10.9.9.9/32"), address(1, "::1/128"), peer, address(7, "10.7.7.7/24")}
	p.Defaults = []rtnl.Hop{{To: anywhere4, Link: 2, Table: unix.RT_TABLE_MAIN}}
	if diff := cmp.Diff([]string{"10.0.0.2 ppp0 ready"}, shown(policy.Assess(p, config.Default(), nil))); diff != "" {
		t.Error(diff)
	}
}

func TestAssessOrder(t *testing.T) {
	p := picture(link(2, "a"), link(3, "b"), link(4, "c"), link(5, "d"), link(6, "e"), link(7, "f"))
	for index := 2; index <= 7; index++ {
		p.Addresses = append(p.Addresses, address(index, fmt.Sprintf("10.0.%d.2/24", index)))
		p.Defaults = append(p.Defaults, defaultVia(index, fmt.Sprintf("10.0.%d.1", index), uint32(100-10*index)))
	}
	p.Addresses = append(p.Addresses, address(7, "10.0.7.1/24"))
	p.Defaults = p.Defaults[:5] // f has none
	c := &config.Config{Interfaces: []config.InterfaceRule{
		{Match: config.InterfaceMatch{Names: []string{"e"}}, InterfaceSettings: config.InterfaceSettings{Role: config.Signal}},
		{Match: config.InterfaceMatch{Names: []string{"d"}}, InterfaceSettings: config.InterfaceSettings{Role: config.Backup}},
		{Match: config.InterfaceMatch{Names: []string{"c"}}, InterfaceSettings: config.InterfaceSettings{Cost: 5}},
	}}
	want := []string{
		"10.0.3.2 b ready", "10.0.2.2 a ready", // by metric
		"10.0.4.2 c ready", // by cost
		"10.0.5.2 d ready", // backup
		"10.0.6.2 e ready", // signal
		"10.0.7.1 f waiting: waiting for a default route", "10.0.7.2 f waiting: waiting for a default route",
	}
	if diff := cmp.Diff(want, shown(policy.Assess(p, c, nil))); diff != "" {
		t.Error(diff)
	}
	rapid.Check(t, func(r *rapid.T) {
		mixed := *p
		mixed.Addresses = rapid.Permutation(p.Addresses).Draw(r, "addresses")
		mixed.Defaults = rapid.Permutation(p.Defaults).Draw(r, "defaults")
		if diff := cmp.Diff(want, shown(policy.Assess(&mixed, c, nil))); diff != "" {
			r.Error(diff)
		}
	})
}

// TestAssessTwice has an address on two interfaces: the cheaper one is used, until it is
// down.
func TestAssessTwice(t *testing.T) {
	p := picture(link(2, "eth0"), link(3, "eth1"))
	p.Addresses = []rtnl.Address{address(2, "10.0.0.2/24"), address(3, "10.0.0.2/24")}
	p.Defaults = []rtnl.Hop{defaultVia(2, "10.0.0.1", 20), defaultVia(3, "10.0.0.1", 10)}
	want := []string{"10.0.0.2 eth1 ready", "10.0.0.2 eth0 left: eth1 has the same address, and is used"}
	if diff := cmp.Diff(want, shown(policy.Assess(p, config.Default(), nil))); diff != "" {
		t.Error(diff)
	}
	down := p.Links[3]
	down.Running = false
	p.Links[3] = down
	want = []string{"10.0.0.2 eth0 ready", "10.0.0.2 eth1 waiting: no carrier"}
	if diff := cmp.Diff(want, shown(policy.Assess(p, config.Default(), nil))); diff != "" {
		t.Error(diff)
	}
}

// TestAssessMetered asks the system once for each address.
func TestAssessMetered(t *testing.T) {
	var asked []string
	policy.Assess(laptop(), config.Default(), func(l rtnl.Link) *bool {
		asked = append(asked, l.Name)
		return nil
	})
	slices.Sort(asked)
	if want := []string{"eth0", "wlan0", "wwan0"}; !slices.Equal(asked, want) {
		t.Errorf("asked about %v, want %v", asked, want)
	}
}
