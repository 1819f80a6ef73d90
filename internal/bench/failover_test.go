package bench

import (
	"slices"
	"testing"
	"time"

	"allroads/examples"
	"allroads/lab"
)

// TestGap cuts both paths for a while: the gap is as long as that at least, and as
// the one between the packets with data.
func TestGap(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 20e6, 20e6), &Server{})
	stop := n.capture()
	const cut = 500 * time.Millisecond
	var from, to time.Time
	go func() {
		time.Sleep(700 * time.Millisecond)
		from = time.Now()
		for _, link := range []string{"red", "blue"} {
			_ = n.lab.Link(link).Down()
		}
		time.Sleep(time.Until(from.Add(cut)))
		to = time.Now()
		for _, link := range []string{"red", "blue"} {
			_ = n.lab.Link(link).Up()
		}
	}()
	r := n.measure(func(o *Options) { o.Params.Mode, o.Params.Duration = Failover, 2500*time.Millisecond })
	packets := stop()
	gap, seen := r.Upload.Gap, longest(packets.times)
	if least := to.Sub(from) - 100*time.Millisecond; gap.Lasted < least || gap.Connection != 1 || gap.Open {
		t.Errorf("the gap is %+v, want at least %v", gap, least)
	}
	// What comes first after the gap may have to wait for what was lost with it.
	if seen-gap.Lasted > 50*time.Millisecond || gap.Lasted > seen+time.Second {
		t.Errorf("the gap is %v, in packets %v", gap.Lasted, seen)
	}
	if gap.Began < 200*time.Millisecond || gap.Began > 2*time.Second {
		t.Errorf("the gap began at %v", gap.Began)
	}
}

func longest(times []float64) (gap time.Duration) {
	slices.Sort(times)
	for i := 1; i < len(times); i++ {
		gap = max(gap, time.Duration((times[i]-times[i-1])*1e9))
	}
	return gap
}

// TestGapOpen cuts both paths to the end, and for longer than the server waits for
// a word: what was there until then is told.
func TestGapOpen(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 20e6, 20e6), &Server{Timeout: time.Second})
	go func() {
		time.Sleep(400 * time.Millisecond)
		_ = n.lab.Link("red").Down()
		_ = n.lab.Link("blue").Down()
	}()
	o := n.options(func(o *Options) {
		o.Params.Direction, o.Params.Mode, o.Timeout = Download, Failover, time.Second
	})
	r, err := n.run(t.Context(), o)
	if err == nil || r == nil || r.Complete {
		t.Fatalf("result %v, %v", r, err)
	}
	if gap := r.Download.Gap; !gap.Open || gap.Lasted < 300*time.Millisecond || *r.Download.Bytes == 0 {
		t.Errorf("gap %+v, %d bytes", gap, *r.Download.Bytes)
	}
}

// TestFailover loses the faster of two unlike paths: the other goes on.
func TestFailover(t *testing.T) {
	t.Parallel()
	topology, err := lab.Parse("wifi-lte.yaml", examples.WifiLTE)
	if err != nil {
		t.Fatal(err)
	}
	n := serve(t, topology, &Server{})
	go func() {
		time.Sleep(700 * time.Millisecond)
		_ = n.lab.Link("wifi").Down()
	}()
	r := n.measure(func(o *Options) {
		o.Params.Mode, o.Params.Duration, o.Interval = Failover, 2*time.Second, 400*time.Millisecond
	})
	last := r.Intervals[len(r.Intervals)-1].Upload
	for _, p := range last.Paths {
		if (p.Interface == "lte") != (p.Bytes > 0) {
			t.Errorf("at the end %s carries %d bytes", p.Interface, p.Bytes)
		}
	}
	if gap := r.Upload.Gap; gap.Open || gap.Lasted < 5*time.Millisecond || gap.Lasted > 1900*time.Millisecond {
		t.Errorf("gap %+v", gap)
	}
}
