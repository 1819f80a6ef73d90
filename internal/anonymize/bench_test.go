package anonymize

import (
	"testing"
	"time"

	"allroads/trace"
)

// BenchmarkRewrite is what both readings take for each packet, without files, beside
// what package trace takes to analyze them.
func BenchmarkRewrite(b *testing.B) {
	packets, _ := readPackets(b, twoPaths)
	r := testRewriter(b, "bench", Options{})
	var ours, analysis time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		r.table = newTable(r.secret)
		for i := range packets {
			r.learn(&packets[i])
		}
		r.table.again()
		for i := range packets {
			if _, err := r.rewrite(&packets[i]); err != nil {
				b.Fatal(err)
			}
		}
		ours += time.Since(start)
		start = time.Now()
		report(packets, 2)
		analysis += time.Since(start)
	}
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N*len(packets)), "ns/packet")
	b.ReportMetric(float64(ours)/float64(analysis), "×analysis")
}

// TestAllocations: once flows and addresses are known, nothing is allocated per packet.
func TestAllocations(t *testing.T) {
	packets, _ := readPackets(t, twoPaths)
	r := testRewriter(t, "allocations", Options{})
	rewriteAll(t, r, packets)
	var data []*trace.Packet
	for i := range packets {
		var s trace.Segment
		if s.Decode(&packets[i]) == nil && s.Flags&trace.SYN == 0 && i > 12 {
			data = append(data, &packets[i])
		}
	}
	if n := testing.AllocsPerRun(10, func() {
		for _, p := range data {
			if _, err := r.rewrite(p); err != nil {
				t.Fatal(err)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations for %d packets", n, len(data))
	}
}
