package nft_test

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"allroads/internal/capture"
	"allroads/internal/middlebox"
	"allroads/internal/nft"
	"allroads/wire"
)

const (
	capable = wire.SubtypeMPCapable
	joining = wire.SubtypeMPJoin
	dss     = wire.SubtypeDSS
	addAddr = wire.SubtypeAddAddr
	prio    = wire.SubtypeMPPrio
)

// probes are sent past each rule; what arrives is told by their positions.
var probes = []probe{
	0: {"S", nil},
	1: {"S", []wire.Subtype{capable}},
	2: {"S", []wire.Subtype{joining}},
	3: {"SA", []wire.Subtype{capable}},
	4: {"SA", []wire.Subtype{joining}},
	5: {"A", []wire.Subtype{dss}},
	6: {"A", []wire.Subtype{dss, addAddr}},
	7: {"A", []wire.Subtype{addAddr, dss}},
	8: {"A", nil},
	9: {"A", []wire.Subtype{prio, prio, prio, prio, prio, prio, prio, prio, prio, prio, prio, prio, prio}},
}

type options = []wire.Subtype

// outcome is what became of a probe: its options when it arrived.
type outcome map[int]options

// rulesTests give what is not as it was: nil options for a packet that does not
// arrive, and a reset for it or not.
var rulesTests = []struct {
	name    string
	rule    middlebox.Rule
	from    string
	lost    []int
	left    outcome // what remains of options
	counted uint64
}{
	{name: "drop", rule: middlebox.Rule{Do: middlebox.Drop}, lost: []int{1, 2, 3, 4, 5, 6, 7, 9}, counted: 8},
	{name: "drop from the client", rule: middlebox.Rule{Do: middlebox.Drop, Packets: middlebox.SYN}, from: "client", lost: []int{1, 2}, counted: 2},
	{name: "drop from elsewhere", rule: middlebox.Rule{Do: middlebox.Drop}, from: "server2"},
	{name: "drop joins", rule: middlebox.Rule{Do: middlebox.Drop, Options: options{joining}}, lost: []int{2, 4}, counted: 2},
	{name: "drop SYN/ACKs", rule: middlebox.Rule{Do: middlebox.Drop, Packets: middlebox.SYNACK}, lost: []int{3, 4}, counted: 2},
	{name: "drop later ones", rule: middlebox.Rule{Do: middlebox.Drop, Packets: middlebox.Later, Options: options{dss}}, lost: []int{5, 6}, counted: 2},
	{name: "drop either", rule: middlebox.Rule{Do: middlebox.Drop, Packets: middlebox.Any, Options: options{addAddr, joining}}, lost: []int{2, 4, 7}, counted: 3},
	{name: "reset", rule: middlebox.Rule{Do: middlebox.Reset, Packets: middlebox.SYN, Options: options{capable, joining}}, lost: []int{1, 2}, counted: 2},
	{name: "reset later ones", rule: middlebox.Rule{Do: middlebox.Reset, Options: options{dss}}, lost: []int{5, 6}, counted: 2},
	{name: "strip", rule: middlebox.Rule{Do: middlebox.Strip}, counted: 8,
		left: outcome{1: nil, 2: nil, 3: nil, 4: nil, 5: nil, 6: nil, 7: nil, 9: nil}},
	{name: "strip in SYNs", rule: middlebox.Rule{Do: middlebox.Strip, Packets: middlebox.SYN}, left: outcome{1: nil, 2: nil}, counted: 2},
	{name: "strip capability", rule: middlebox.Rule{Do: middlebox.Strip, Options: options{capable}}, left: outcome{1: nil, 3: nil}, counted: 2},
	{name: "strip what comes first", rule: middlebox.Rule{Do: middlebox.Strip, Options: options{dss}},
		left: outcome{5: nil, 6: {addAddr}}, counted: 2},
	{name: "strip both", rule: middlebox.Rule{Do: middlebox.Strip, Options: options{addAddr, dss}},
		left: outcome{5: nil, 6: nil, 7: nil}, counted: 3},
}

func TestRules(t *testing.T) {
	p := newPath(t, 1)
	to := netip.AddrPortFrom(addr("10.2.0.2"), 9)
	client, server := tap(t, p.client, "eth0"), tap(t, p.servers[0], "eth0")
	for n, test := range rulesTests {
		from := netip.AddrPortFrom(addr("10.1.0.2"), uint16(20000+100*n))
		t.Run(test.name, func(t *testing.T) {
			install(t, p.router, nft.Ruleset{Rules: []nft.Rule{{Rule: test.rule, From: test.from}}})
			var packets [][]byte
			// The last one passes everything: who has seen it has seen all.
			for i, one := range append(probes, probe{"A", nil}) {
				packets = append(packets, one.packet(t, netip.AddrPortFrom(from.Addr(), from.Port()+uint16(i)), to))
			}
			inject(t, p.client, to.Addr(), packets)
			want := outcome{}
			for i, one := range probes {
				want[i] = one.options
			}
			for i, left := range test.left {
				want[i] = left
			}
			resets := outcome{}
			for _, i := range test.lost {
				delete(want, i)
				if test.rule.Do == middlebox.Reset {
					resets[i] = nil
				}
			}
			arrived := collect(t, server, from, false)
			if diff := cmp.Diff(want, arrived, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("arrived (-want +got):\n%s", diff)
			}
			answered := collect(t, client, from, true)
			for i := range arrived { // the server refuses what it gets
				delete(answered, i)
			}
			if diff := cmp.Diff(resets, answered, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("resets (-want +got):\n%s", diff)
			}
			expectCount(t, p, test.counted)
		})
	}
}

// collect reads what passes a tap up to the last probe: those that came from an
// address, or the resets for them.
func collect(t *testing.T, ring *capture.Ring, from netip.AddrPort, resets bool) outcome {
	seen := outcome{}
	for {
		s, ok := next(t, ring)
		if !ok {
			stats, err := ring.Stats()
			t.Fatalf("the last packet has not come: %v; %+v, %v", seen, stats, err)
		}
		port := uint16(s.tcp.SrcPort)
		if resets {
			port = uint16(s.tcp.DstPort)
		}
		if resets != (s.to == from.Addr()) || resets && !s.tcp.RST {
			continue
		}
		i := int(port) - int(from.Port())
		if i == len(probes) {
			return seen
		}
		if i < 0 {
			continue // of an earlier test
		}
		if !resets && !s.intact {
			t.Errorf("the checksum of packet %d is wrong", i)
		}
		seen[i] = s.options
	}
}

func expectCount(t *testing.T, p path, want uint64) {
	t.Helper()
	counters, err := nft.Counters(p.router)
	must(t, err)
	if len(counters) != 1 || counters[0].Packets != want {
		t.Errorf("counters are %+v, want one with %d packets", counters, want)
	}
}
