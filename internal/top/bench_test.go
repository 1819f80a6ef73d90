package top

import (
	"fmt"
	"testing"
	"time"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// BenchmarkRefresh is all that a look costs beside the look itself.
func BenchmarkRefresh(b *testing.B) {
	for _, n := range []int{100, 5000, 20000} {
		b.Run(fmt.Sprintf("connections=%d", n), func(b *testing.B) { benchmarkRefresh(b, n) })
	}
}

func benchmarkRefresh(b *testing.B, n int) {
	var snapshots [4]live.Snapshot
	for i := range snapshots {
		for j := range n {
			rate := float64((j*7919 + i*104729) % n)
			snapshots[i].Connections = append(snapshots[i].Connections, fakeConnection(j+1, false, rate, 2*rate))
		}
	}
	m := newModel(Options{Interval: time.Second})
	grid := fullscreen.NewGrid(80, 24)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := &snapshots[i%len(snapshots)]
		s.At = began.Add(time.Duration(i) * time.Second)
		m.look(s, nil)
		m.draw(grid)
	}
	perSecond := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(100*perSecond, "core-%-each-second")
}
