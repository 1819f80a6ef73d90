package trace_test

import (
	"testing"

	"allroads/trace"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// BenchmarkAnalyzer analyzes a real capture again and again; beside it, gopacket
// only decodes the same packets.
func BenchmarkAnalyzer(b *testing.B) {
	packets := capturedPackets(b, twoPaths)
	var size int64
	for _, p := range packets {
		size += int64(p.Length)
	}
	b.Run("allroads", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			analyze(packets)
		}
		b.ReportMetric(float64(b.N*len(packets))/b.Elapsed().Seconds(), "packets/s")
	})
	b.Run("gopacket-decode", func(b *testing.B) {
		var (
			ethernet layers.Ethernet
			ip       layers.IPv4
			tcp      layers.TCP
			payload  gopacket.Payload
			decoded  []gopacket.LayerType
		)
		parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &ip, &tcp, &payload)
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			for i := range packets {
				if err := parser.DecodeLayers(packets[i].Data, &decoded); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.N*len(packets))/b.Elapsed().Seconds(), "packets/s")
	})
}

// TestDecodeAllocatesNothing holds the hot path's budget.
func TestDecodeAllocatesNothing(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	var s trace.Segment
	allocated := testing.AllocsPerRun(10, func() {
		for i := range packets {
			if err := s.Decode(&packets[i]); err != nil {
				t.Fatal(err)
			}
		}
	})
	if allocated != 0 {
		t.Errorf("decoding allocates %v times", allocated)
	}
}
