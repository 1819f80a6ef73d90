package config_test

import (
	"net/netip"
	"testing"

	"allroads/internal/config"
)

func facts(name string, t config.LinkType, prefix string) config.Facts {
	return config.Facts{Name: name, Type: t, Prefix: netip.MustParsePrefix(prefix)}
}

// What no rule says anything of: subflows, but not around a VPN, nor into containers.
func TestConfigBuiltIn(t *testing.T) {
	for kind, want := range map[config.LinkType]struct {
		rule string
		role config.Role
	}{
		config.Loopback: {"built-in: loopback", config.Never}, config.Container: {"built-in: container", config.Never},
		config.Tun: {"built-in: VPN", config.Never}, config.WireGuard: {"built-in: VPN", config.Never},
		config.Ethernet: {"built-in: default", config.Use}, config.WiFi: {"built-in: default", config.Use},
		config.WWAN: {"built-in: default", config.Use}, config.PPP: {"built-in: default", config.Use},
		config.Other: {"built-in: default", config.Use}, "": {"built-in: default", config.Use},
	} {
		settings, rule := config.Default().Settings(facts("x0", kind, "192.0.2.1/24"))
		if rule != want.rule || settings.Role != want.role || settings.Needs != config.NeedDefaultRoute {
			t.Errorf("%s: %+v by %s", kind, settings, rule)
		}
	}
	// A user's rule comes first.
	mine := parsed(t, face+"{match: {types: [wireguard]}, role: backup, needs: address}")
	if s, rule := mine.Settings(facts("wg0", config.WireGuard, "10.8.0.2/24")); s.Role != config.Backup || s.Needs != config.NeedAddress || rule != "interfaces[0]" {
		t.Errorf("%+v by %s", s, rule)
	}
}

func TestConfigMatches(t *testing.T) {
	c := parsed(t, `
interfaces:
  - {name: glob, match: {names: [eth0, 'wl[a-c]*']}}
  - {name: both, match: {types: [wifi], family: ipv6}}
  - {name: prefix, match: {prefixes: [10.1.0.0/16, "fd00:1::/32"]}, strategy: backup}
  - {name: paid, match: {metered: true}}
  - {name: free, match: {metered: false}}
`)
	metered := func(f config.Facts, is bool) config.Facts { f.Metered = &is; return f }
	for _, test := range []struct {
		facts config.Facts
		want  string
	}{
		{facts("eth0", config.Ethernet, "192.0.2.1/24"), "glob"},
		{facts("wlb1", config.WiFi, "192.0.2.1/24"), "glob"},
		{facts("wlx1", config.WiFi, "192.0.2.1/24"), "built-in: default"},
		{facts("wlx1", config.WiFi, "2001:db8::1/64"), "both"},
		{facts("eth1", config.Ethernet, "2001:db8::1/64"), "built-in: default"},
		{facts("eth1", config.Ethernet, "10.1.2.3/8"), "prefix"},
		{facts("eth1", config.Ethernet, "fd00:1::9/128"), "prefix"},
		{facts("eth1", config.Ethernet, "::ffff:10.1.2.3/120"), "prefix"},
		{facts("eth1", config.Ethernet, "10.2.2.3/8"), "built-in: default"},
		{metered(facts("eth1", config.Ethernet, "10.2.2.3/8"), true), "paid"},
		{metered(facts("eth1", config.Ethernet, "10.2.2.3/8"), false), "free"},
		{metered(facts("eth1", config.Ethernet, "10.1.2.3/8"), false), "prefix"},
		{config.Facts{Name: "eth1", Type: config.Ethernet}, "built-in: default"}, // no address
	} {
		settings, rule := c.Settings(test.facts)
		if rule != test.want {
			t.Errorf("%+v: %s, want %s", test.facts, rule, test.want)
		}
		if rule == "prefix" && (settings.Strategy.Join != config.AtOnce || settings.Strategy.Subflows != 8) {
			t.Errorf("%+v", settings.Strategy)
		}
		if test.facts.Metered != nil && (settings.Metered == nil || *settings.Metered != *test.facts.Metered) {
			t.Errorf("%+v: metered %v", test.facts, settings.Metered)
		}
	}
	if c.Interfaces[2].Strategy.Subflows != 0 {
		t.Error("asking changed the configuration")
	}
}
