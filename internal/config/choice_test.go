package config_test

import (
	"net/netip"
	"testing"

	"allroads/internal/config"
)

func TestConfigStrategyOf(t *testing.T) {
	c := parsed(t, `
strategy: interactive
connections:
  - {name: ports, match: {ports: [443, 8000-8999]}, strategy: aggregate}
  - {name: served, match: {side: server, local_ports: [22]}, strategy: none}
  - {name: user, match: {uids: [1000, 1001], peers: [203.0.113.0/24, "2001:db8::/32"]}, strategy: backup}
  - {name: group, match: {cgroups: ['/*/nginx-?.service']}, strategy: handover}
  - {match: {peers: [198.51.100.0/24]}, strategy: {kind: ndiffports, n: 3}}
`)
	if !c.AsksOwner() || config.Default().AsksOwner() {
		t.Error("who asks for owners?")
	}
	ofInterface := &config.Strategy{Kind: config.SinglePerInterface}
	alice, bob, nginx, other := pointer(uint32(1000)), pointer(uint32(1)), pointer("/system.slice/nginx-1.service/worker"), pointer("/system.slice/nginx-12.service")
	for _, test := range []struct {
		remote string
		local  uint16
		side   config.Side
		uid    *uint32
		cgroup *string
		of     *config.Strategy
		want   config.StrategyKind
		rule   string
		known  bool
	}{
		{"192.0.2.1:443", 5, config.Client, nil, nil, ofInterface, config.Aggregate, "ports", true},
		{"[::ffff:192.0.2.1]:8999", 5, config.Client, nil, nil, nil, config.Aggregate, "ports", true},
		{"192.0.2.1:9000", 22, config.Server, nil, nil, nil, config.NoPaths, "served", true},
		{"192.0.2.1:9000", 22, config.Client, bob, other, nil, config.Interactive, "strategy", true},
		{"192.0.2.1:9000", 22, config.Client, bob, other, ofInterface, config.SinglePerInterface, "interface", true},
		{"192.0.2.1:9000", 5, config.Client, nil, other, nil, config.Interactive, "strategy", true}, // not the peer of the rule for users
		{"192.0.2.1:9000", 5, config.Client, bob, nil, nil, config.Interactive, "strategy", false},
		{"192.0.2.1:9000", 5, config.Client, bob, nginx, nil, config.Handover, "group", true},
		{"203.0.113.5:9000", 5, config.Client, alice, nil, nil, config.BackupPath, "user", true},
		{"[::ffff:203.0.113.5]:9000", 5, config.Client, alice, nil, nil, config.BackupPath, "user", true},
		{"203.0.113.5:9000", 5, config.Client, nil, nginx, nil, config.Handover, "group", false}, // it may be alice's
		{"203.0.113.5:9000", 5, config.Client, nil, other, nil, config.Interactive, "strategy", false},
		{"198.51.100.1:9000", 5, config.Client, bob, nil, nil, config.NDiffPorts, "connections[4]", false},
		{"198.51.100.1:9000", 5, config.Client, bob, other, nil, config.NDiffPorts, "connections[4]", true},
	} {
		s, rule, known := c.StrategyOf(config.ConnectionFacts{Local: netip.AddrPortFrom(netip.MustParseAddr("192.0.2.9"), test.local),
			Remote: netip.MustParseAddrPort(test.remote), Side: test.side, UID: test.uid, Cgroup: test.cgroup}, test.of)
		if s.Kind != test.want || rule != test.rule || known != test.known {
			t.Errorf("%+v: %s by %s, known: %t", test, s.Kind, rule, known)
		}
		if s.Kind != config.NoPaths && (s.Subflows == 0 || s.Bad.Stall == 0 || s.Recovered == 0 || s.Kind == config.BackupPath && s.Join == "") {
			t.Errorf("left open: %+v", s)
		}
	}
}

// A rule for a cgroup is for those below it, too.
func TestConfigCgroups(t *testing.T) {
	for _, test := range []struct {
		glob, cgroup string
		want         bool
	}{
		{"/", "/", true}, {"/", "/a/b", true}, {"/a", "/a", true}, {"/a", "/a/b/c", true}, {"/a", "/ab", false},
		{"/a/b", "/a", false}, {"/*/b", "/a/b/c", true}, {"/*/b", "/b", false}, {"/*", "/a/b", true}, {"/a", "", false},
		{"/user.slice/user-[0-9]*.slice", "/user.slice/user-1000.slice/user@1000.service/app.slice", true},
	} {
		c := parsed(t, conn+"{cgroups: ['"+test.glob+"']}")
		_, rule, known := c.StrategyOf(config.ConnectionFacts{Cgroup: &test.cgroup}, nil)
		if (rule == "connections[0]") != test.want || !known {
			t.Errorf("%s, %s: %s, %t", test.glob, test.cgroup, rule, known)
		}
	}
}
