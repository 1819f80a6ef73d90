package config_test

import (
	"fmt"
	"net/netip"
	"time"

	"allroads/internal/config"

	"pgregory.net/rapid"
)

// Few values, so that rules meet each other.
var (
	globs     = []string{"eth0", "eth*", "e?h0", "wlan0", "*", "wl[a-c]n0"}
	links     = []string{"eth0", "eth1", "exh0", "wlan0", "wlbn0"}
	someTypes = []config.LinkType{config.Ethernet, config.WiFi, config.Tun, config.Container, config.Loopback}
	somewhere = prefixes("10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "fd00::/8", "fd00:1::/32", "::/0")
	addresses = prefixes("10.1.2.3/24", "10.2.2.3/24", "192.0.2.1/24", "fd00:1::1/64", "2001:db8::1/64")
	ranges    = []config.PortRange{{First: 1, Last: 65535}, {First: 22, Last: 22}, {First: 20, Last: 30}, {First: 443, Last: 443}}
	cgroups   = []string{"/", "/a", "/a/b", "/*", "/*/b", "/c"}
	someUIDs  = []uint32{0, 1000, 1001}
)

// some draws a list without repetition, or none.
func some[T comparable](t *rapid.T, label string, of []T) []T {
	list := rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID[T]).Draw(t, label)
	if len(list) == 0 {
		return nil
	}
	return list
}

func one[T any](t *rapid.T, label string, of ...T) T { return rapid.SampledFrom(of).Draw(t, label) }

func perhaps[T any](t *rapid.T, label string, of ...T) *T {
	if rapid.Bool().Draw(t, label+" there") {
		return pointer(one(t, label, of...))
	}
	return nil
}

func interfaceMatch(t *rapid.T) config.InterfaceMatch {
	return config.InterfaceMatch{Names: some(t, "names", globs), Types: some(t, "types", someTypes), Prefixes: some(t, "prefixes", somewhere),
		Family: one(t, "family", "", "", config.IPv4, config.IPv6), Metered: perhaps(t, "metered", true, false)}
}

func connectionMatch(t *rapid.T) config.ConnectionMatch {
	return config.ConnectionMatch{Peers: some(t, "peers", somewhere), Ports: some(t, "ports", ranges), LocalPorts: some(t, "local", ranges),
		UIDs: some(t, "uids", someUIDs), Cgroups: some(t, "cgroups", cgroups), Side: one(t, "side", "", "", config.Client, config.Server)}
}

func someFacts(t *rapid.T) config.Facts {
	return config.Facts{Name: one(t, "link", links...), Type: one(t, "type", someTypes...), Prefix: one(t, "address", addresses...),
		Metered: perhaps(t, "costs", true, false)}
}

func someConnection(t *rapid.T) config.ConnectionFacts {
	end := func(label string) netip.AddrPort {
		return netip.AddrPortFrom(one(t, label, addresses...).Addr(), one[uint16](t, label+" port", 22, 25, 443, 9000))
	}
	return config.ConnectionFacts{Local: end("near"), Remote: end("far"), Side: one(t, "end", config.Client, config.Server),
		UID: perhaps(t, "uid", someUIDs...), Cgroup: perhaps(t, "cgroup", "/", "/a", "/a/b/c", "/c/b", "/d")}
}

func someStrategy(t *rapid.T) config.Strategy {
	s := config.Strategy{Kind: one(t, "kind", config.Fullmesh, config.SinglePerInterface, config.NDiffPorts, config.BackupPath,
		config.Handover, config.Interactive, config.Aggregate, config.NoPaths)}
	if s.Kind == config.NoPaths {
		return s
	}
	s.Subflows, s.Recovered = one(t, "subflows", 0, 4, 64), one(t, "recovered", 0, time.Second)
	s.Bad = config.Bad{Stall: one(t, "stall", 0, 70*time.Millisecond), RTT: one(t, "rtt", 0, 1500*time.Microsecond), Loss: one(t, "loss", 0, 0.001, 1)}
	switch s.Kind {
	case config.NDiffPorts:
		s.N = one(t, "n", 1, 5)
	case config.BackupPath:
		s.Join = one(t, "join", "", config.AtOnce, config.WhenNeeded)
	}
	return s
}

// settings fit any match that is not link-local.
func someSettings(t *rapid.T) config.InterfaceSettings {
	role := one(t, "role", "", config.Use, config.Backup, config.Signal, config.Laminar, config.Never)
	if role == config.Never {
		return config.InterfaceSettings{Role: role}
	}
	s := config.InterfaceSettings{Role: role, Cost: one(t, "cost", 0, 65535), Cap: one(t, "cap", 0, 64), Needs: one(t, "needs", "", config.NeedAddress),
		Routing: perhaps(t, "routing", true, false), Temporary: one(t, "temporary", true, false), LinkLocal: one(t, "local ones", true, false)}
	if role == config.Signal {
		s.Announce = perhaps(t, "announce", config.Announcement{Port: 80}, config.Announcement{Port: 80, Listen: 8080})
	} else {
		s.Fullmesh = one(t, "fullmesh", true, false)
	}
	if rapid.Bool().Draw(t, "strategy there") {
		s.Strategy = pointer(someStrategy(t))
	}
	return s
}

// configs generates configurations whose rules may be wrong beside each other.
func configs() *rapid.Generator[*config.Config] {
	return rapid.Custom(func(t *rapid.T) *config.Config {
		c := config.Default()
		c.Mode, c.OnStop = one(t, "mode", config.Auto, config.Kernel, config.Userspace), one(t, "stop", config.Remove, config.Keep)
		c.Routing, c.CheckEvery = rapid.Bool().Draw(t, "tables"), one(t, "every", 0, time.Second)
		c.Limits = config.Limits{Subflows: perhaps[uint32](t, "most", 0, 64), AddAddrAccepted: perhaps[uint32](t, "accepted", 0, 8)}
		for i := range rapid.IntRange(0, 4).Draw(t, "interfaces") {
			c.Interfaces = append(c.Interfaces, config.InterfaceRule{Name: one(t, "name", "", fmt.Sprint("rule ", i)),
				Match: interfaceMatch(t), InterfaceSettings: someSettings(t)})
		}
		for i := range rapid.IntRange(0, 4).Draw(t, "connections") {
			c.Connections = append(c.Connections, config.ConnectionRule{Name: one(t, "name", "", fmt.Sprint("rule ", i)),
				Match: connectionMatch(t), Strategy: someStrategy(t)})
		}
		return c
	})
}
