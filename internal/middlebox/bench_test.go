package middlebox_test

import (
	"testing"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// fullFrame is one of 1,514 bytes, as bulk data has them: timestamps, and a DSS
// with acknowledgement and mapping. What there is to find is at its end.
func fullFrame(t fataler) []byte {
	mapping := option(30, 26, 0x20, 0x0f, 0x5a, 0x7c, 0x0f, 0x34, 0x1b, 0x6f, 0xd9, 0xc4,
		0x1c, 0x81, 0x8c, 0x8b, 0x84, 0x7a, 0x51, 0x35, 0, 0, 0, 1, 5, 0x80)
	p := packet{flags: "A", options: []layers.TCPOption{nop, nop, timestamps, mapping}, payload: make([]byte, 1420)}
	for i := range p.payload {
		p.payload[i] = byte(i * 7)
	}
	copy(p.payload[1400:], "find me")
	frame := p.frame(t)
	if len(frame) != 1514 {
		t.Fatalf("frame of %d bytes", len(frame))
	}
	return frame
}

var (
	stripJoin = middlebox.Rule{Do: middlebox.Strip, Options: []wire.Subtype{wire.SubtypeMPJoin}}
	dropLater = middlebox.Rule{Do: middlebox.Drop, Packets: middlebox.Later, After: 1 << 62}
	stripAll  = middlebox.Rule{Do: middlebox.Strip}
	rewriteMe = middlebox.Rule{Do: middlebox.Rewrite, Find: "find me", Replace: "lost me"}
	notThere  = middlebox.Rule{Do: middlebox.Rewrite, Find: "not there", Replace: "not there"}
)

var benchmarks = []struct {
	name  string
	rules []middlebox.Rule
}{
	{"NoRules", nil},
	{"StripJoinPasses", []middlebox.Rule{stripJoin}},
	{"DropAfterPasses", []middlebox.Rule{dropLater}},
	{"RewritePasses", []middlebox.Rule{notThere}},
	{"StripAll", []middlebox.Rule{stripAll}},
	{"Rewrite", []middlebox.Rule{rewriteMe}},
}

// BenchmarkInspect includes the copy that makes the frame as it was.
func BenchmarkInspect(b *testing.B) {
	original := fullFrame(b)
	frame := make([]byte, len(original))
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			middle := box(b, bb.rules...)
			b.ReportAllocs()
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				copy(frame, original)
				middle.Inspect(0, frame)
			}
		})
	}
}

// BenchmarkGopacket decodes the same frame into layers that are there already,
// which is the fastest way it has, and changes nothing.
func BenchmarkGopacket(b *testing.B) {
	original := fullFrame(b)
	frame := make([]byte, len(original))
	var (
		ethernet layers.Ethernet
		ip       layers.IPv4
		tcp      layers.TCP
		found    []gopacket.LayerType
	)
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip, &tcp)
	parser.IgnoreUnsupported = true
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		copy(frame, original)
		if err := parser.DecodeLayers(frame, &found); err != nil || len(found) != 3 {
			b.Fatal(err, found)
		}
	}
}

// TestAllocations: once a flow is known, nothing allocates, touched or not.
func TestAllocations(t *testing.T) {
	original := fullFrame(t)
	frame := make([]byte, len(original))
	for _, bb := range benchmarks {
		middle := box(t, bb.rules...)
		allocations := testing.AllocsPerRun(100, func() {
			copy(frame, original)
			if _, drop := middle.Inspect(0, frame); drop {
				t.Fatalf("%s: dropped", bb.name)
			}
		})
		if allocations != 0 {
			t.Errorf("%s: %v allocations per frame", bb.name, allocations)
		}
	}
	drop := box(t, middlebox.Rule{Do: middlebox.Drop})
	if n := testing.AllocsPerRun(100, func() { drop.Inspect(1, original) }); n != 0 {
		t.Errorf("drop: %v allocations per frame", n)
	}
}
