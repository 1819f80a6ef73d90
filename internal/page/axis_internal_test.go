package page

import (
	"math"
	"testing"

	"allroads/trace"

	"pgregory.net/rapid"
)

// TestTimeAxis: what clocks show, and no more of it than there is room for.
func TestTimeAxis(t *testing.T) {
	for _, test := range []struct {
		top  float64
		last string
		unit string
	}{
		{1e3, "1.0", "µs"}, {1e6, "1.0", "ms"}, {2e6, "2.0", "ms"}, {250e6, "250", "ms"}, {5.1e9, "5", "s"}, {61e9, "60", "s"},
		{100e9, "100", "s"}, {600e9, "10", "min"}, {3700e9, "60", "min"}, {3 * 3600e9, "3.0", "h"}, {9 * 3600e9, "8", "h"}, {7 * 86400e9, "6", "d"},
	} {
		a := timeAxis(test.top)
		if last := a.ticks[len(a.ticks)-1]; last.label != test.last || a.unit != test.unit {
			t.Errorf("%v ns: %v %s, want %s %s: %v", test.top, last.label, a.unit, test.last, test.unit, a.ticks)
		}
	}
}

// TestAxes holds any axis to what makes it readable.
func TestAxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		top := math.Exp(rapid.Float64Range(0, 34).Draw(t, "log"))
		for name, a := range map[string]axis{
			"time": timeAxis(top), "bytes": valueAxis(top, byteScales), "rate": valueAxis(top, rateScales), "rtt": valueAxis(top, rttScales),
		} {
			if len(a.ticks) < 2 || len(a.ticks) > 9 {
				t.Fatalf("%s of %g: %d ticks", name, top, len(a.ticks))
			}
			if a.max < top*(1-1e-9) {
				t.Fatalf("%s of %g ends at %g", name, top, a.max)
			}
			seen := map[string]bool{}
			for i, tick := range a.ticks {
				if seen[tick.label] || len(tick.label) > 6 || tick.at < 0 || tick.at > 1+1e-9 || i > 0 && tick.at <= a.ticks[i-1].at {
					t.Fatalf("%s of %g: %v", name, top, a.ticks)
				}
				seen[tick.label] = true
			}
		}
	})
}

// TestDigits: about three significant ones.
func TestDigits(t *testing.T) {
	for n, want := range map[float64]string{1: "1.00", 9.994: "9.99", 10: "10.0", 99.94: "99.9", 100: "100", 999.9: "1000"} {
		if got := digits(n); got != want {
			t.Errorf("%v: %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 s", 5: "5.00 ns", 1e6: "1.00 ms", 99e9: "99.0 s", 3661e9: "1h1m1s"} {
		if got := duration(n); got != want {
			t.Errorf("%d ns: %s, want %s", n, got, want)
		}
	}
	if got := grouped(1234567); got != "1\u202f234\u202f567" {
		t.Error(got)
	}
}

// TestPerSecond: no step of a rate is lower since it has fewer buckets.
func TestPerSecond(t *testing.T) {
	buckets := make([]trace.Bucket, 205)
	for i := range buckets {
		buckets[i].Bytes = 125
	}
	for i, rate := range perSecond(buckets, len(buckets), 1e6) {
		if rate != 1e6 {
			t.Errorf("step %d: %v bit/s", i, rate)
		}
	}
}
