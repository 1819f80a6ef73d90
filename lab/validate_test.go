package lab_test

import (
	"net/netip"
	"strings"
	"testing"

	"allroads/lab"

	"pgregory.net/rapid"
)

// wrong has a way to spoil the topology of two paths for each complaint.
var wrong = []struct {
	name  string
	spoil func(*lab.Topology)
	want  string
}{
	{"no name", func(t *lab.Topology) { t.Name = "" }, `topology name "": letters, digits, '_' and '-' only, at most 63`},
	{"slash in name", func(t *lab.Topology) { t.Name = "a/b" }, `topology name "a/b": letters`},
	{"newline after name", func(t *lab.Topology) { t.Name = "a\n" }, `topology name "a\n": letters`},
	{"name an option", func(t *lab.Topology) { t.Name = "-a" }, `topology name "-a": letters`},
	{"name too long", func(t *lab.Topology) { t.Name = strings.Repeat("a", 64) }, `topology name "aaa`},
	{"no hosts", func(t *lab.Topology) { t.Hosts, t.Links = nil, nil }, "no hosts"},
	{"host name", host("a;b"), `host name "a;b": letters`},
	{"host twice", host("client"), "host client: twice"},
	{"sysctl of another kind", set("kernel.panic", "1"), `host client: sysctl "kernel.panic": not a network setting`},
	{"sysctl leads out", set("net/../kernel/panic", "1"), `host client: sysctl "net/../kernel/panic": not a network setting`},
	{"sysctl no value", set("net.mptcp.enabled", ""), `host client: sysctl net.mptcp.enabled: value "": letters`},
	{"sysctl value for the shell", set("net.mptcp.enabled", "$(id)"), `host client: sysctl net.mptcp.enabled: value "$(id)": letters`},
	{"sysctl value quoted", set("net.mptcp.enabled", "a' b"), `host client: sysctl net.mptcp.enabled: value "a' b": letters`},
	{"sysctl value an option", set("net.mptcp.enabled", "-w"), `host client: sysctl net.mptcp.enabled: value "-w": letters`},
	{"link name", func(t *lab.Topology) { t.Links[0].Name = "red link" }, `link name "red link": letters`},
	{"link twice", func(t *lab.Topology) { t.Links[1].Name = "red" }, "link red: twice"},
	{"rate too low", func(t *lab.Topology) { t.Links[0].Rate = lab.MinRate - 1 }, "link red: rate 479bit: 480bit to 34359738360bit only"},
	{"rate too high", func(t *lab.Topology) { t.Links[0].Rate = lab.MaxRate + 1 }, "link red: rate 34359738361bit: 480bit"},
	{"no ends", func(t *lab.Topology) { t.Links[0].Ends = nil; unbind(t) }, "link red: 0 ends: a link has two"},
	{"one end", func(t *lab.Topology) { t.Links[0].Ends = t.Links[0].Ends[:1] }, "link red: 1 ends: a link has two"},
	{"three ends", func(t *lab.Topology) {
		t.Links[0].Ends = append(t.Links[0].Ends, lab.EndConfig{Host: "client", Interface: "third"})
	}, "link red: 3 ends: a link has two"},
	{"no such host", func(t *lab.Topology) { t.Links[0].Ends[0].Host = "nobody" }, `link red: no host "nobody"`},
	{"interface too long", device(strings.Repeat("a", 64)), `link red: interface "aaa`},
	{"interface of the shell", device("a|b"), `link red: interface "a|b": letters, digits, '.', '_' and '-' only, at most 63`},
	{"interface a path", device(".."), `link red: interface "..": letters`},
	{"interface lo", device("lo"), `link red: interface "lo": a name that the kernel keeps for itself`},
	{"interface all", device("all"), `link red: interface "all": a name that the kernel keeps for itself`},
	{"interface default", device("default"), `link red: interface "default": a name that the kernel keeps for itself`},
	{"interface twice", device("blue-client"), "interface client/blue-client: twice"},
	{"no prefix", prefix(netip.Prefix{}), "link red: address invalid Prefix: not an address with a prefix length"},
	{"IPv4 in IPv6", prefix(netip.MustParsePrefix("::ffff:10.0.0.9/120")), "link red: address ::ffff:10.0.0.9/120: not an address"},
	{"address 0", prefix(netip.MustParsePrefix("0.0.0.0/0")), "link red: address 0.0.0.0/0: not an address"},
	{"address ::", prefix(netip.MustParsePrefix("::/64")), "link red: address ::/64: not an address"},
	{"address twice", prefix(netip.MustParsePrefix("192.168.0.1/30")), "address 192.168.0.1: twice"},
	{"endpoint nowhere", endpoint("", "", "subflow"), `host client: endpoint "invalid IP": not an address of a host`},
	{"endpoint 0", endpoint("0.0.0.0", "", "subflow"), `host client: endpoint "0.0.0.0": not an address of a host`},
	{"endpoint ::", endpoint("::", "", "subflow"), `host client: endpoint "::": not an address of a host`},
	{"endpoint IPv4 in IPv6", endpoint("::ffff:10.0.0.2", "", "subflow"), `host client: endpoint "::ffff:10.0.0.2": not an address of a host`},
	{"endpoint with a zone", endpoint("fe80::1%$(id)", "", "subflow"), `host client: endpoint "fe80::1%$(id)": not an address of a host, without a zone`},
	{"endpoint's flag", endpoint("10.0.0.2", "", "sublow"), `host client: endpoint 10.0.0.2: unknown endpoint flag "sublow"`},
	{"endpoint's interface", endpoint("10.0.0.2", "eth0", "subflow"), `host client: endpoint 10.0.0.2: no interface "eth0"`},
	{"endpoint's interface elsewhere", endpoint("10.0.0.2", "red-server", "subflow"), `host client: endpoint 10.0.0.2: no interface "red-server"`},
}

func host(name string) func(*lab.Topology) {
	return func(t *lab.Topology) { t.Hosts = append(t.Hosts, lab.HostConfig{Name: name}) }
}

func set(key, value string) func(*lab.Topology) {
	return func(t *lab.Topology) { t.Hosts[0].Sysctls = map[string]string{key: value} }
}

func device(name string) func(*lab.Topology) {
	return func(t *lab.Topology) { t.Links[0].Ends[0].Interface = name }
}

func prefix(p netip.Prefix) func(*lab.Topology) {
	return func(t *lab.Topology) { t.Links[0].Ends[0].Addresses = []netip.Prefix{p} }
}

func endpoint(address, device, flag string) func(*lab.Topology) {
	a, _ := netip.ParseAddr(address)
	return func(t *lab.Topology) {
		t.Hosts[0].MPTCP.Endpoints = []lab.EndpointConfig{{Address: a, Dev: device, Flags: []string{flag}}}
	}
}

// unbind makes the endpoints ask for no interface.
func unbind(t *lab.Topology) {
	for i := range t.Hosts[0].MPTCP.Endpoints {
		t.Hosts[0].MPTCP.Endpoints[i].Dev = ""
	}
}

func TestValidate(t *testing.T) {
	if err := twoPaths(t).Validate(); err != nil {
		t.Fatal(err)
	}
	for _, test := range wrong {
		t.Run(test.name, func(t *testing.T) {
			topology := twoPaths(t)
			test.spoil(topology)
			errs := complaints(topology)
			if len(errs) != 1 || !strings.HasPrefix(errs[0].Error(), test.want) {
				t.Errorf("errors %q\nwant one: %s", errs, test.want)
			}
		})
	}
}

// complaints takes Validate's error apart.
func complaints(topology *lab.Topology) []error {
	err := topology.Validate()
	if err == nil {
		return nil
	}
	return err.(interface{ Unwrap() []error }).Unwrap()
}

// All that is wrong is said, in the same order each time.
func TestValidateJoins(t *testing.T) {
	var topology lab.Topology
	topology.Hosts = []lab.HostConfig{{Name: "a b", Sysctls: map[string]string{"e": "1", "d": "1", "c": "1", "b": "1", "a": "1"}}}
	topology.Links = []lab.LinkConfig{{Name: "", Impairment: lab.Impairment{Rate: 1}}}
	first := topology.Validate().Error()
	if got := len(complaints(&topology)); got != 1+1+5+3 {
		t.Errorf("%d complaints:\n%s", got, first)
	}
	for range 20 {
		if again := topology.Validate().Error(); again != first {
			t.Fatalf("now\n%s\nthen\n%s", again, first)
		}
	}
}

// What is generated as valid is valid, which shows that Validate is not too
// strict, and is not when it is spoiled.
func TestValidateGenerated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topology := topologies().Draw(t, "topology")
		if err := topology.Validate(); err != nil {
			t.Fatal(err)
		}
		topology.Hosts = append(topology.Hosts, topology.Hosts[0])
		if topology.Validate() == nil {
			t.Fatal("a host twice, and no complaint")
		}
	})
}
