package bench

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestLatency measures on a path of known delay.
func TestLatency(t *testing.T) {
	t.Parallel()
	topology := twoPaths(t)
	for i := range topology.Links {
		topology.Links[i].Delay = 10 * time.Millisecond
	}
	n := serve(t, topology, &Server{})
	for _, rate := range []float64{0, 100} {
		r := n.measure(func(o *Options) {
			o.Params.Mode, o.Params.Size, o.Params.Rate, o.Params.Connections = Latency, 1000, rate, 2
			o.Params.Duration = 700 * time.Millisecond
		})
		l := r.Latency
		if l.Min < 20*time.Millisecond || l.P50 > 40*time.Millisecond || l.Responses < 30 || l.Unanswered+l.Unsent > 0 {
			t.Errorf("rate %v: %+v, want a round trip of 20 ms", rate, l)
		}
		if !slices.IsSorted([]time.Duration{l.Min, l.P50, l.P90, l.P99, l.P999, l.Max}) || l.Mean < l.Min || l.Mean > l.Max {
			t.Errorf("rate %v: %+v is not in order", rate, l)
		}
		if want := l.Responses * 1000; *r.Upload.Bytes != want || *r.Download.Bytes != want {
			t.Errorf("%d responses, %d and %d bytes", l.Responses, *r.Upload.Bytes, *r.Download.Bytes)
		}
	}
}

// TestOpenLoop cuts the path for a part of the time. Requests that were due then
// have waited, and show it, which those that are sent one after the other do not.
func TestOpenLoop(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 200} {
		n := serve(t, twoPaths(t, 50e6, 50e6), &Server{})
		go func() {
			time.Sleep(300 * time.Millisecond)
			for _, link := range []string{"red", "blue"} {
				_ = n.lab.Link(link).Down()
			}
			time.Sleep(600 * time.Millisecond)
			for _, link := range []string{"red", "blue"} {
				_ = n.lab.Link(link).Up()
			}
		}()
		r := n.measure(func(o *Options) {
			o.Params.Mode, o.Params.Size, o.Params.Rate, o.Params.Duration = Latency, 64, rate, 1500*time.Millisecond
		})
		l := r.Latency
		if l.Max < 500*time.Millisecond {
			t.Errorf("rate %v: the longest is %v", rate, l.Max)
		}
		if waited := l.P90 > 100*time.Millisecond; waited != (rate > 0) {
			t.Errorf("rate %v: p90 is %v of %d", rate, l.P90, l.Responses)
		}
	}
}

// TestHistogram compares with a sorted list.
func TestHistogram(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		h, list := new(histogram), []time.Duration{}
		for range 1 + random.IntN(3000) {
			d := time.Duration(random.Uint64() >> (1 + random.IntN(63)))
			h.add(d)
			list = append(list, d)
		}
		half := new(histogram)
		half.merge(h)
		slices.Sort(list)
		for _, percent := range []float64{0, 10, 50, 90, 99, 99.9, 100} {
			rank := max(int(percent/100*float64(len(list))+0.9999999), 1)
			want, got := list[rank-1], half.percentile(percent)
			if got < want || float64(got) > float64(want)*1.001+1 {
				t.Fatalf("percentile %v of %d: %d, want %d", percent, len(list), got, want)
			}
		}
		if h.min != list[0] || h.max != list[len(list)-1] {
			t.Fatalf("min %d and max %d of %v", h.min, h.max, list)
		}
	}
	if n := testing.AllocsPerRun(100, func() { allocFree.add(time.Millisecond) }); n > 0 {
		t.Errorf("counting a time allocates %v", n)
	}
}

var allocFree histogram
