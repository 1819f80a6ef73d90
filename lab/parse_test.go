package lab_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"allroads/examples"
	"allroads/lab"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// compareTopologies makes cmp compare what topologies mean.
var compareTopologies = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
}

// twoPaths returns the topology that comes with allroads, without its scenario.
func twoPaths(t testing.TB) *lab.Topology {
	t.Helper()
	topology, err := lab.Parse("two-paths.yaml", examples.TwoPaths)
	if err != nil {
		t.Fatal(err)
	}
	topology.Scenario = nil
	return topology
}

func TestParseExample(t *testing.T) {
	end := func(host, device, address string) lab.EndConfig {
		return lab.EndConfig{Host: host, Interface: device, Addresses: []netip.Prefix{netip.MustParsePrefix(address)}}
	}
	sysctls := map[string]string{"net.mptcp.enabled": "1", "net.ipv4.conf.all.rp_filter": "0"}
	limits := &lab.LimitsConfig{Subflows: 2, AddAddrAccepted: 2}
	want := &lab.Topology{
		Name: "two-paths",
		Hosts: []lab.HostConfig{
			{Name: "client", Sysctls: sysctls, MPTCP: lab.MPTCPConfig{Limits: limits, Endpoints: []lab.EndpointConfig{{
				Address: netip.MustParseAddr("192.168.0.2"), Dev: "blue-client", ID: 1, Flags: []string{"subflow"},
			}}}},
			{Name: "server", Sysctls: sysctls, MPTCP: lab.MPTCPConfig{Limits: limits}},
		},
		Links: []lab.LinkConfig{
			{Name: "red", Ends: []lab.EndConfig{
				end("client", "red-client", "10.0.0.2/24"), end("server", "red-server", "10.0.0.1/24")}},
			{Name: "blue", Ends: []lab.EndConfig{
				end("client", "blue-client", "192.168.0.2/24"), end("server", "blue-server", "192.168.0.1/24")}},
		},
	}
	if diff := cmp.Diff(want, twoPaths(t), compareTopologies); diff != "" {
		t.Error(diff)
	}
}

// What is no text in YAML is taken as it is written.
func TestParseSysctlValues(t *testing.T) {
	topology, err := lab.Parse("t.yaml", []byte(`
name: t
hosts:
  - name: h
    sysctls:
      net.a: 1
      net.b: -1
      net.c: true
      net.d: 1.50
      net.e: 0x10
      net.f: 010
      net.g: 4096 131072 6291456
      net.G: '4096	131072 6291456'
      net.h: "12"
      net/i/j.k: no
      net.k: 1e3
      net.l: 1_000
      net.m: &a "7"
      net.n: *a	# a tab	or two
      net.o: |-
        1	2
`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"net.a": "1", "net.b": "-1", "net.c": "true", "net.d": "1.50", "net.e": "0x10", "net.f": "010",
		"net.g": "4096 131072 6291456", "net.G": "4096\t131072 6291456", "net.h": "12", "net/i/j.k": "no", "net.k": "1e3",
		"net.l": "1_000", "net.m": "7", "net.n": "7", "net.o": "1\t2"}
	if diff := cmp.Diff(want, topology.Hosts[0].Sysctls); diff != "" {
		t.Error(diff)
	}
}

func TestParseAliases(t *testing.T) {
	topology, err := lab.Parse("t.yaml", []byte("\ufeff%YAML 1.2\n---\r\n"+`
name: t
hosts:
  - {name: a, sysctls: &s {net.mptcp.enabled: 1}, mptcp: {limits: &l {subflows: 0x2, add_addr_accepted: 1}}}
  - {name: b, sysctls: *s, mptcp: {limits: *l}}
links:
  - {name: x, rate: &r 5mbit, ends: [{host: a, interface: x}, {host: b, interface: x}]}
  - {name: y, rate: *r, ends: [{host: a, interface: y}, {host: b, interface: y}]}
...
`))
	if err != nil {
		t.Fatal(err)
	}
	b := topology.Hosts[1]
	if b.Sysctls["net.mptcp.enabled"] != "1" || *b.MPTCP.Limits != (lab.LimitsConfig{Subflows: 2, AddAddrAccepted: 1}) {
		t.Errorf("host b: %+v, %+v", b, b.MPTCP.Limits)
	}
	if rate := topology.Links[1].Rate; rate != 5e6 {
		t.Errorf("rate of y: %d", rate)
	}
}

func TestParseErrors(t *testing.T) {
	const host = "name: a\nhosts:\n  - name: h\n"
	const link = "name: a\nlinks:\n  - name: l\n"
	tests := []struct{ name, text, want string }{
		{"empty", "", "1:1: no topology: the file is empty"},
		{"comment only", "# nothing\n\n", "1:1: no topology: the file is empty"},
		{"null", "~", "1:1: null was used where mapping is expected"},
		{"text", "lab", "1:1: string was used where mapping is expected"},
		{"list", "- name: a\n", "1:1: sequence was used where mapping is expected"},
		{"two documents", host + "---\nname: b\nhosts:\n  - name: h\n", "5:5: a second document: a file holds one topology"},
		{"a document after the end", host + "...\nname: b\n", "5:5: a second document: a file holds one topology"},
		{"unknown key", "name: a\nhost:\n  - name: h\n", `2:1: unknown key "host": did you mean "hosts"?`},
		{"unknown key of a host", host + "    adress: 10.0.0.1\n", `4:5: unknown key "adress"`},
		{"unknown key of an end", link + "    ends:\n      - {host: h, mtu: 1400}\n", `5:19: unknown key "mtu"`},
		{"other case", "Name: a\n", `1:1: unknown key "Name": did you mean "name"?`},
		{"key that is a number", host + "    mptcp: {1: 2, limits: {subflows: 2}}\n", "4:13: key 1 is not text"},
		{"key twice", "name: a\nname: b\n", `2:1: mapping key "name" already defined at [1:1]`},
		{"tab", "name: a\nhosts:\n\t- name: h\n", "3:1: found character '\t' that cannot start any token"},
		{"tab in a value", host + "    sysctls: {net.a: 1\t2}\n", "4:22: a tab inside a text: put the text in single quotes"},
		{"tab in a number", host + "    mptcp: {limits: {subflows: 1\t2}}\n", "4:32: a tab inside a text: put the text in single quotes"},
		{"quote", "name: 'a\n", "1:7: could not find end character of single-quoted text"},
		{"brace", "{", "1:1: could not find flow mapping end token '}'"},
		{"tag", "name: !!binary aGk=\n", "1:7: tag !!binary: a topology has none"},
		{"tag of nothing", "hosts:\n  ! #\n", "2:3: tag !: a topology has none"},
		{"alias", "name: *a\n", `1:8: could not find alias "a"`},
		{"hosts no list", "name: a\nhosts: h\n", "2:8: string was used where sequence is expected"},
		{"host no mapping", "name: a\nhosts:\n  - h\n", "3:5: string was used where mapping is expected"},
		{"name a list", "name: [a]\n", "1:7: cannot unmarshal []interface {}"},
		{"sysctl a list", host + "    sysctls: {net.a: [1]}\n", "4:22: cannot unmarshal []interface {}"},
		{"rate", link + "    rate: 5mbps\n", `4:11: rate "5mbps" is not a number`},
		{"rate without unit", link + "    rate: 5\n", `4:11: rate "5" is not a number`},
		{"rate a list", link + "    rate: [5mbit]\n", "4:11: not a single value"},
		{"rate a block", link + "    rate:\n      - 5mbit\n", "5:7: not a single value"},
		{"prefix", link + "    ends:\n      - addresses: [10.0.0.1/24, 10.0.0.300/24]\n", `5:34: netip.ParsePrefix("10.0.0.300/24")`},
		{"prefix without length", link + "    ends:\n      - addresses:\n        - 10.0.0.1\n", `6:11: netip.ParsePrefix("10.0.0.1")`},
		{"prefixes no list", link + "    ends:\n      - addresses: 10.0.0.1/24\n", "5:20: string was used where sequence is expected"},
		{"prefix a list", link + "    ends:\n      - addresses: [[10.0.0.1/24]]\n", "5:21: not a single value"},
		{"address", host + "    mptcp: {endpoints: [{address: zz}]}\n", `4:35: ParseAddr("zz"): unable to parse IP`},
		{"address by anchor", host + "    mptcp: {endpoints: [{address: &a zz}]}\n", `4:38: ParseAddr("zz"): unable to parse IP`},
		{"id too large", host + "    mptcp: {endpoints: [{id: 256}]}\n", `4:30: "256" is not a whole number from 0 to 255`},
		{"port negative", host + "    mptcp: {endpoints: [{port: -1}]}\n", `4:32: "-1" is not a whole number from 0 to 65535`},
		{"limit a fraction", host + "    mptcp: {limits: {subflows: 1.5}}\n", `4:32: "1.5" is not a whole number from 0 to 4294967295`},
		{"limit text", host + "    mptcp: {limits: {add_addr_accepted: two}}\n", `4:41: "two" is not a whole number`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			topology, err := lab.Parse("dir/t.yaml", []byte(test.text))
			if err == nil {
				t.Fatalf("no error, but %+v", topology)
			}
			if want := "parse topology dir/t.yaml:" + test.want; !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error\n\t%v\nwant\n\t%s", err, want)
			}
			if strings.TrimRight(err.Error(), " \n") != err.Error() {
				t.Errorf("error %q ends in space", err)
			}
		})
	}
}

// The error shows the line and points at the place.
func TestParseErrorShowsSource(t *testing.T) {
	_, err := lab.Parse("t.yaml", []byte("name: a\nhots: []\nlinks: []\n"))
	want := "parse topology t.yaml:2:1: unknown key \"hots\": did you mean \"hosts\"?\n" +
		"   1 | name: a\n>  2 | hots: []\n       ^\n   3 | links: []"
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.yaml")
	if _, err := lab.Load(path); !os.IsNotExist(err) && !strings.HasPrefix(err.Error(), "read topology: open "+path) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("name: a b\nhosts: [{name: h}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lab.Load(path); err == nil ||
		!regexp.MustCompile("^check topology "+regexp.QuoteMeta(path)+`:1:7: topology name "a b": `).MatchString(err.Error()) {
		t.Errorf("wrong name: %v", err)
	}
	if err := os.WriteFile(path, examples.TwoPaths, 0o600); err != nil {
		t.Fatal(err)
	}
	topology, err := lab.Load(path)
	must(t, err)
	topology.Scenario = nil
	if diff := cmp.Diff(twoPaths(t), topology, compareTopologies); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// A topology written as YAML or JSON is read back as it was.
func TestTopologyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topology := topologies().Draw(t, "topology")
		text, err := yaml.Marshal(topology)
		if err != nil {
			t.Fatal(err)
		}
		read, err := lab.Parse("t.yaml", text)
		if diff := cmp.Diff(topology, read, compareTopologies); err != nil || diff != "" {
			t.Fatalf("%v\n%s\n%s", err, diff, text)
		}
		if text, err = json.Marshal(topology); err != nil {
			t.Fatal(err)
		}
		read = &lab.Topology{}
		err = json.Unmarshal(text, read)
		if diff := cmp.Diff(topology, read, compareTopologies); err != nil || diff != "" {
			t.Fatalf("%v\n%s\n%s", err, diff, text)
		}
	})
}
