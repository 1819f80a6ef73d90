package trace_test

import (
	"slices"
	"testing"
	"time"

	"allroads/trace"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// headersOnly are n packets, one behind the other in memory as in a file, each
// cut behind its TCP header.
func headersOnly(tb testing.TB, packets []trace.Packet, n int) []trace.Packet {
	tb.Helper()
	file, cut := make([]byte, 0, n*200), make([]trace.Packet, n)
	for i := range cut {
		p := packets[i%len(packets)]
		var s trace.Segment
		if err := s.Decode(&p); err != nil {
			tb.Fatal(err)
		}
		start := len(file)
		file = append(file, p.Data[:len(p.Data)-len(s.Payload)]...)
		p.Data = file[start:]
		cut[i] = p
	}
	return cut
}

// decodeLikeGopacket is gopacket's fastest way: layers decoded into the same
// structs again and again, the MPTCP options among them.
func decodeLikeGopacket(b *testing.B, packets []trace.Packet) func() {
	var (
		ethernet layers.Ethernet
		tag      layers.Dot1Q
		gre      layers.GRE
		ip4      layers.IPv4
		ip6      layers.IPv6
		tcp      layers.TCP
		payload  gopacket.Payload
		decoded  []gopacket.LayerType
	)
	parser := gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet, &ethernet, &tag, &gre, &ip4, &ip6, &tcp, &payload)
	return func() {
		for i := range packets {
			if err := parser.DecodeLayers(packets[i].Data, &decoded); err != nil && !parser.Truncated {
				b.Fatal(err)
			}
		}
		if !slices.Contains(decoded, layers.LayerTypeTCP) {
			b.Fatalf("gopacket finds %v only", decoded)
		}
	}
}

// BenchmarkDecode decodes the packets of a real capture, cut behind the TCP
// header. peer/ours is how many times as long gopacket takes for the same ones.
func BenchmarkDecode(b *testing.B) {
	packets := capturedPackets(b, twoPaths)
	b.Run("IPv4", func(b *testing.B) { benchmarkDecode(b, packets) })
	b.Run("IPv6", func(b *testing.B) { benchmarkDecode(b, wrapAll(packets, around(toIPv6))) })
	b.Run("VLAN", func(b *testing.B) { benchmarkDecode(b, wrapAll(packets, tagged(0x8100, 42))) })
	b.Run("GRE", func(b *testing.B) { benchmarkDecode(b, wrapAll(packets, around(greTo4(0)))) })
}

func benchmarkDecode(b *testing.B, packets []trace.Packet) {
	packets = headersOnly(b, packets, 10_000)
	decode := func() {
		for i := range packets {
			var s trace.Segment
			if err := s.Decode(&packets[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	peer := decodeLikeGopacket(b, packets)
	var ours, theirs time.Duration
	for b.Loop() {
		ours += timed(decode)
		theirs += timed(peer)
	}
	n := float64(b.N) * float64(len(packets))
	b.ReportMetric(float64(ours.Nanoseconds())/n, "ns/packet")
	b.ReportMetric(n/ours.Seconds()/1e6, "Mpackets/s")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "peer/ours")
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}
