package bench

import (
	"net/netip"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
)

// dualStack is two paths of IPv6, the second announced by the server; red has IPv4,
// too.
const dualStack = `
name: dual-stack
hosts:
  - name: client
    mptcp: {limits: {subflows: 2, add_addr_accepted: 2}}
  - name: server
    mptcp: {limits: {subflows: 2}, endpoints: [{address: "fd02::1", dev: blue, flags: [signal]}]}
links:
  - {name: red, rate: 50mbit, ends: [{host: client, addresses: ["fd01::2/64", 10.0.0.2/24]}, {host: server, addresses: ["fd01::1/64", 10.0.0.1/24]}]}
  - {name: blue, rate: 50mbit, ends: [{host: client, addresses: ["fd02::2/64"]}, {host: server, addresses: ["fd02::1/64"]}]}
`

func parse(t *testing.T, text string) *lab.Topology {
	t.Helper()
	topology, err := lab.Parse("bench.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return topology
}

// TestIPv6 measures on several connections, each over two paths of IPv6, and the
// paths alone; then by IPv4 with the same server, whose addresses are not v4-mapped.
func TestIPv6(t *testing.T) {
	t.Parallel()
	n := serve(t, parse(t, dualStack), &Server{})
	r := n.measure(func(o *Options) {
		o.Params.Connections, o.Params.Direction, o.Params.Duration = 3, Both, 400*time.Millisecond
		o.PathTime = 200 * time.Millisecond
	})
	red := Place{netip.MustParseAddr("fd01::2"), netip.MustParseAddr("fd01::1"), "red"}
	blue := Place{netip.MustParseAddr("fd02::2"), netip.MustParseAddr("fd02::1"), "blue"}
	for _, f := range []*Flow{r.Upload, r.Download} {
		for _, p := range f.Paths {
			if p.Place != red && p.Place != blue || p.Subflows != 3 || p.Bytes == 0 {
				t.Errorf("path %+v", p)
			}
		}
		if len(f.Paths) != 2 {
			t.Errorf("%d paths", len(f.Paths))
		}
	}
	for _, p := range r.Alone {
		if p.Error != "" || p.Upload == nil || p.Download == nil {
			t.Errorf("alone %+v", p)
		}
	}
	if len(r.Alone) != 2 || len(r.Verdicts) != 2 || r.Verdicts[0].Against != againstBest {
		t.Errorf("%d alone, verdicts %+v", len(r.Alone), r.Verdicts)
	}
	r = n.measure(func(o *Options) { o.Host, o.Subflows, o.Params.Duration = "10.0.0.1", 0, 200*time.Millisecond })
	if at := r.Upload.Paths[0].Place; at.Client != netip.MustParseAddr("10.0.0.2") || at.Server != netip.MustParseAddr("10.0.0.1") {
		t.Errorf("over IPv4, the path is %+v", at)
	}
	if s := (<-n.ended).session; s.Client.Addr() != red.Client {
		t.Errorf("the server had a client at %s", s.Client)
	}
}

// TestSource begins connections from an address, from an interface, and from which
// of two is first, when the other one is dead.
func TestSource(t *testing.T) {
	t.Parallel()
	n := serve(t, parse(t, dualStack), &Server{})
	blue := netip.MustParseAddr("fd02::2")
	for name, from := range map[string]func(*Options){
		"address":   func(o *Options) { o.Source.Addr = blue },
		"interface": func(o *Options) { o.Source.Interface = "blue" },
		"race": func(o *Options) {
			_ = n.lab.Link("red").Down()
			o.Race = []mptcp.Source{{Interface: "red"}, {Addr: blue}}
		},
	} {
		r := n.measure(func(o *Options) {
			o.Host, o.Subflows, o.Params.Connections, o.Params.Bytes, o.Params.Duration = "fd02::1", 0, 2, 100_000, 0
			from(o)
		})
		for _, c := range r.Connections {
			if c.Local.Addr() != blue || !c.MPTCP {
				t.Errorf("%s: connection %+v", name, c)
			}
		}
		_ = n.lab.Link("red").Up()
		n.free()
	}
	for what, said := range map[string]Options{
		"cannot assign requested address":   {Host: "fd02::1", Source: mptcp.Source{Addr: netip.MustParseAddr("fd09::9")}},
		"is of another family":              {Host: "10.0.0.1", Source: mptcp.Source{Addr: blue}},
		"bind to interface no-such-device:": {Host: "10.0.0.1", Source: mptcp.Source{Interface: "no-such-device"}},
	} {
		said.Params = n.options(nil).Params
		_, err := n.run(t.Context(), said)
		says(t, err, what)
	}
}
