package bothends_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"allroads/internal/bothends"
	"allroads/trace"
)

// otherEnd is the capture that the other end of links with a delay would have made:
// what goes to port 4321 arrives later there, and what comes from it was sent earlier.
func otherEnd(tb testing.TB, packets []trace.Packet, delay int64) []trace.Packet {
	tb.Helper()
	there := slices.Clone(packets)
	for i := range there {
		var s trace.Segment
		if s.Decode(&there[i]) == nil && s.Src.Port() == 4321 {
			there[i].Time -= delay
		} else {
			there[i].Time += delay
		}
	}
	slices.SortStableFunc(there, func(a, b trace.Packet) int { return int(a.Time - b.Time) })
	return there
}

// BenchmarkCompare compares captures of a million packets at each end, made from the
// file of $BOTHENDS_CAPTURE, or else by `go run ./bench/captures`. analysis/ours is how
// much of our time the analysis of one of them takes.
func BenchmarkCompare(b *testing.B) {
	path := os.Getenv("BOTHENDS_CAPTURE")
	if path == "" {
		path = filepath.Join(b.TempDir(), "bulk.pcapng")
		if out, err := exec.Command("go", "run", "allroads/bench/captures", "-o", path, "-packets", "1000000").CombinedOutput(); err != nil {
			b.Skipf("no capture: %v: %s", err, out)
		}
	}
	client := load(b, path)
	server := otherEnd(b, client, 3_000)
	var ours, analysis time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		r, err := bothends.Compare(context.Background(), &list{packets: client}, &list{packets: server}, bothends.Options{})
		must(b, err)
		ours += time.Since(start)
		if len(r.Subflows) == 0 || r.Subflows[0].ToServer.Lost.Packets+r.Subflows[0].ToServer.Extra.Packets > 0 || r.Subflows[0].ToServer.Sent.Packets == 0 {
			b.Fatalf("%+v", r.Subflows)
		}
		start = time.Now()
		a := trace.New([]string{"a", "b"})
		for i := range client {
			a.Add(&client[i])
		}
		a.Report()
		analysis += time.Since(start)
	}
	b.ReportMetric(float64(2*len(client)*b.N)/ours.Seconds()/1e6, "Mpackets/s")
	b.ReportMetric(ours.Seconds()/analysis.Seconds(), "ours/analysis")
}
