package impair

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// BenchmarkOpenClose opens and closes links, one or many at a time: the kernel
// makes whoever makes or frees a ring wait for all its processors, but lets many
// wait together.
func BenchmarkOpenClose(b *testing.B) {
	bed := newBed(b)
	for _, links := range []int{1, 20} {
		b.Run(fmt.Sprint(links), func(b *testing.B) {
			var open, shut time.Duration
			for b.Loop() {
				all := make([]*Link, links)
				open += together(links, func(n int) {
					l, err := Open(Port{bed.middle, "a"}, Port{bed.middle, "b"}, Params{}, Params{}, Options{RingFrames: 128})
					if err != nil {
						b.Error(err)
					}
					all[n] = l
				})
				shut += together(links, func(n int) { all[n].Close() })
			}
			b.ReportMetric(open.Seconds()*1e3/float64(b.N), "open-ms")
			b.ReportMetric(shut.Seconds()*1e3/float64(b.N), "close-ms")
		})
	}
}

// together runs n calls at the same time and returns how long they took.
func together(n int, call func(n int)) time.Duration {
	start := time.Now()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { call(i) })
	}
	all.Wait()
	return time.Since(start)
}
