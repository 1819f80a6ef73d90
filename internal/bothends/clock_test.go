package bothends_test

import (
	"testing"
	"time"
)

// TestDriftOfLab: a real capture whose clock is made to drift and to be off.
func TestDriftOfLab(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	network := build(t, paths("", ""))
	files := both(t, network, func() {
		exchange(t, network, "10.0.1.2:4321", random(50_000))
		time.Sleep(5 * time.Second)
		exchange(t, network, "10.0.1.2:4321", random(50_000))
	})
	client, server := load(t, files[0]), load(t, files[1])
	start := server[0].Time
	clock := func(at int64) int64 { return at - 1_700_000_000 + (at-start)*50/1_000_000 }
	r := compareLists(t, client, retimed(server, clock))
	c := r.Clock
	truth := clock(c.At) - c.At
	if !c.Known || truth < c.Low || truth > c.High || len(c.Steps) > 0 {
		t.Errorf("%+v, want %d", c, truth)
	}
	// On a busy machine the fastest packets may take 50 microseconds more at the end, in
	// five seconds.
	const busy = 10
	if c.Drift == nil || *c.Drift-*c.DriftOff > 50+busy || *c.Drift+*c.DriftOff < 50-busy || *c.DriftLow > 50 || *c.DriftHigh < 50 {
		t.Errorf("%+v: drift %v, give or take %v", c, *c.Drift, *c.DriftOff)
	}
}

// TestStep: a clock that is set in between is noticed, with when and by how much, and
// delays are right before and after.
func TestStep(t *testing.T) {
	t.Parallel()
	for _, by := range []int64{400 * int64(time.Millisecond), -3 * second, 40 * second} {
		s := newSimulation(8)
		s.span = 20 * second
		a, b := s.run(2000)
		when := simulationStart + 9*second
		b = retimed(b, func(at int64) int64 {
			if at > when {
				return at + by
			}
			return at
		})
		r := compareLists(t, a, b)
		c := r.Clock
		if len(c.Steps) != 1 {
			t.Fatalf("by %d: %+v", by, c)
		}
		step := c.Steps[0]
		if step.After > when || step.Before < when-50*1e6 || abs(step.By-by) > 20e6 {
			t.Errorf("%+v; want %d at %d", step, by, when)
		}
		for _, w := range []int64{r.Subflows[0].ToServer.Delay.Max, r.Subflows[0].ToClient.Delay.Max} {
			if w > 100e6 {
				t.Errorf("a packet took %d", w)
			}
		}
	}
}

func abs(x int64) int64 { return max(x, -x) }
