package live

import (
	"testing"
)

// BenchmarkLook is what a Look costs beside the reading, over 5,000 connections
// with two subflows.
func BenchmarkLook(b *testing.B) {
	const connections = 5000
	source := &endless{count: connections, c: made(1, counts{1, 2}, counts{3, 4})}
	source.c.Info.Idle = &idle
	w := &Watcher{}
	interfaces, err := openInterfaces(0)
	if err != nil {
		b.Fatal(err)
	}
	w.add(&watched{source: source, interfaces: interfaces})
	defer w.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Look(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/connections, "ns/conn")
}
