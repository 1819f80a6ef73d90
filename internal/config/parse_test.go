package config_test

import (
	"net/netip"
	"testing"
	"time"

	"allroads/internal/config"

	"github.com/google/go-cmp/cmp"
)

func TestConfigParse(t *testing.T) {
	want := &config.Config{
		Namespaces: []string{"host", "blue", "/run/netns/red", "all-with-mptcp"},
		Mode:       config.Userspace,
		Strategy: config.Strategy{Kind: config.NDiffPorts, Subflows: 4, N: 3, Recovered: 10 * time.Second,
			Bad: config.Bad{Stall: 300 * time.Millisecond, RTT: 250 * time.Millisecond, Loss: 0.05}},
		Interfaces: []config.InterfaceRule{
			{Name: "door", Match: config.InterfaceMatch{Names: []string{"eth[01]", "enp3s0"}, Family: config.IPv4},
				InterfaceSettings: config.InterfaceSettings{Role: config.Signal, Routing: pointer(false),
					Announce: &config.Announcement{Address: netip.MustParseAddr("198.51.100.7"), Port: 8443, Listen: 443}}},
			{Name: "lte", Match: config.InterfaceMatch{Types: []config.LinkType{config.WWAN, config.PPP}, Metered: pointer(true)},
				InterfaceSettings: config.InterfaceSettings{Role: config.Backup, Cost: 10, Cap: 1, Needs: config.NeedDefaultRoute,
					Strategy: &config.Strategy{Kind: config.Handover}, Metered: pointer(true)}},
			{Name: "storage", Match: config.InterfaceMatch{Prefixes: prefixes("10.77.0.0/16", "fd00:77::/32")},
				InterfaceSettings: config.InterfaceSettings{Fullmesh: true, Needs: config.NeedAddress, Routing: pointer(true),
					Temporary: true, Deprecated: true, LinkLocal: true}},
		},
		Connections: []config.ConnectionRule{{Name: "video", Match: config.ConnectionMatch{
			Peers: prefixes("203.0.113.0/24"), Ports: []config.PortRange{{First: 443, Last: 443}, {First: 8000, Last: 8999}},
			LocalPorts: []config.PortRange{{First: 1024, Last: 65535}}, UIDs: []uint32{1000},
			Cgroups: []string{"/user.slice", "/system.slice/video-*.service"}, Side: config.Client,
		}, Strategy: config.Strategy{Kind: config.BackupPath, Join: config.WhenNeeded}}},
		Limits:  config.Limits{Subflows: pointer(uint32(4)), AddAddrAccepted: pointer(uint32(2))},
		Routing: true, OnStop: config.Keep, CheckEvery: 30 * time.Second,
	}
	if diff := cmp.Diff(want, parsed(t, file(t, "testdata/everything.yaml")), compare); diff != "" {
		t.Error(diff)
	}
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// What is not said is the default, also where a key stands without a value.
func TestConfigDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "\ufeffmode: auto\r\n", "check_every:\nmode:\ninterfaces:\nstrategy:\nnamespaces: ~\n",
		"strategy: fullmesh", "strategy: {}", "strategy: {bad: {stall: 500ms}}", "connections: []", "{}"} {
		if diff := cmp.Diff(config.Default(), parsed(t, text), compare); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	if err := config.Default().Check(); err != nil {
		t.Error(err)
	}
	if s := parsed(t, "strategy: {kind: ndiffports, n: 12}").Strategy; s.Subflows != 11 {
		t.Errorf("%+v", s)
	}
	if c := parsed(t, "check_every: 0"); c.CheckEvery != 0 {
		t.Error(c.CheckEvery)
	}
}

// The two that the how-tos use are what they say they are.
func TestConfigExamples(t *testing.T) {
	laptop := parsed(t, file(t, "testdata/laptop.yaml"))
	lte, rule := laptop.Settings(config.Facts{Name: "wwan0", Type: config.WWAN, Prefix: netip.MustParsePrefix("10.9.8.7/30")})
	if lte.Role != config.Backup || rule != "lte" || !*lte.Metered || laptop.Strategy.Kind != config.Handover {
		t.Errorf("%+v by %s", lte, rule)
	}
	server := parsed(t, file(t, "testdata/server.yaml"))
	second, rule := server.Settings(config.Facts{Name: "eth1", Type: config.Ethernet, Prefix: netip.MustParsePrefix("10.2.0.2/24")})
	if second.Role != config.Signal || rule != "second uplink" || second.Announce.Address.String() != "203.0.113.9" || second.Announce.Port != 8443 {
		t.Errorf("%+v by %s", second, rule)
	}
}
