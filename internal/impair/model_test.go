package impair

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// params draws parameters of every kind, often with a rate.
func params() *rapid.Generator[Params] {
	return rapid.Custom(func(t *rapid.T) Params {
		chance := func(name string) float64 {
			return rapid.SampledFrom([]float64{0, 0, 0.01, 0.3, 1}).Draw(t, name)
		}
		p := Params{
			Rate:     rapid.SampledFrom([]uint64{0, 8, 56_000, 1_000_000, 10_000_000, 999_999_937, 40_000_000_000}).Draw(t, "rate"),
			Overhead: rapid.SampledFrom([]int{0, 24}).Draw(t, "overhead"),
			Queue:    rapid.SampledFrom([]int{0, 1, 7, 1000}).Draw(t, "queue"),
			Delay:    time.Duration(rapid.Int64Range(0, 1e8).Draw(t, "delay")),
			Loss:     chance("loss"), Duplicate: chance("duplicate"),
			Burst: GilbertElliott{P: chance("p"), R: chance("r"), LossBad: chance("1-h"), LossGood: chance("1-k")},
		}
		p.Jitter = time.Duration(rapid.Int64Range(0, int64(p.Delay)).Draw(t, "jitter"))
		if p.Delay > 0 {
			p.Reorder = chance("reorder")
		}
		return p
	})
}

// An arrival is a frame that comes.
type arrival struct {
	at     time.Duration
	length int
}

func arrivals(t *rapid.T) (all []arrival) {
	now := time.Duration(0)
	for range rapid.IntRange(1, 300).Draw(t, "frames") {
		now += time.Duration(rapid.SampledFrom([]int64{0, 1, 1000, 120_000, 5_000_000}).Draw(t, "gap"))
		all = append(all, arrival{now, rapid.IntRange(14, 1518).Draw(t, "length")})
	}
	return all
}

func newModel(t rapid.TB, p Params, seed uint64) *Model {
	m, err := NewModel(p, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFramesAreConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, params().Draw(t, "params"), rapid.Uint64().Draw(t, "seed"))
		var in, out Count
		lost, full := 0, 0
		for _, a := range arrivals(t) {
			in.add(a.length)
			fate := m.Arrive(a.at, a.length)
			for range fate.Copies {
				out.add(a.length)
			}
			switch {
			case (fate.Drop == Passed) != (fate.Copies > 0):
				t.Fatalf("%v with %d copies", fate.Drop, fate.Copies)
			case fate.Drop == Lost:
				lost++
			case fate.Drop == QueueFull:
				full++
			}
		}
		c := m.Counters()
		if c.In != in || c.Out != out || c.Lost.Frames != uint64(lost) || c.QueueFull.Frames < uint64(full) {
			t.Fatalf("%+v: saw %v in, %v out, %d lost, %d queue full", c, in, out, lost, full)
		}
		if c.In.Frames+c.Duplicated.Frames != c.Out.Frames+c.Lost.Frames+c.QueueFull.Frames ||
			c.In.Bytes+c.Duplicated.Bytes != c.Out.Bytes+c.Lost.Bytes+c.QueueFull.Bytes {
			t.Fatalf("frames come from or go nowhere: %+v", c)
		}
	})
}

// TestDepartures holds what Params says about time and order.
func TestDepartures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := params().Draw(t, "params")
		m := newModel(t, p, rapid.Uint64().Draw(t, "seed"))
		latest := map[bool]time.Duration{}
		for _, a := range arrivals(t) {
			fate := m.Arrive(a.at, a.length)
			for _, d := range fate.Departures[:fate.Copies] {
				earliest := a.at + p.Delay - p.Jitter
				if d.Reordered {
					earliest = a.at
				}
				if d.At < earliest {
					t.Fatalf("arrived %v, departed %v (reordered: %v)", a.at, d.At, d.Reordered)
				}
				if d.At < latest[d.Reordered] {
					t.Fatalf("departed %v, after one that departed %v", d.At, latest[d.Reordered])
				}
				latest[d.Reordered] = d.At
			}
		}
	})
}

// TestRateIsNeverExceeded looks at every stretch between two departures.
func TestRateIsNeverExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := params().Filter(func(p Params) bool { return p.Rate > 0 }).Draw(t, "params")
		p.Jitter, p.Reorder = 0, 0
		m := newModel(t, p, rapid.Uint64().Draw(t, "seed"))
		var ends []time.Duration
		var before []int // bytes of the frames before each
		sum := 0
		for _, a := range arrivals(t) {
			fate := m.Arrive(a.at, a.length)
			for _, d := range fate.Departures[:fate.Copies] {
				sum += a.length + p.Overhead
				ends, before = append(ends, d.At), append(before, sum)
			}
		}
		for i := range ends {
			for j := i + 1; j < len(ends); j++ {
				bits := float64(8 * (before[j] - before[i]))
				allowed := float64(p.Rate) * (ends[j] - ends[i] + 1).Seconds() // A nanosecond for rounding.
				if bits > allowed*(1+1e-12) {
					t.Fatalf("frames %d to %d: %.0f bits in %v", i+1, j, bits, ends[j]-ends[i])
				}
			}
		}
	})
}

// TestRateIsUsed sends more than the rate: it is used to the full, to a nanosecond
// in a million frames.
func TestRateIsUsed(t *testing.T) {
	for _, rate := range []uint64{56_000, 999_999_937, 40_000_000_000} {
		m := newModel(t, Params{Rate: rate, Queue: 100, Overhead: 24}, 1)
		now, frames := time.Duration(0), 0
		var last time.Duration
		for range 1_000_000 {
			fate := m.Arrive(now, 1514)
			if fate.Copies > 0 {
				last = fate.Departures[0].At
				frames++
			} else {
				now = last - time.Duration(8*1538*uint64(time.Second)/rate)
			}
		}
		bits := uint64(frames) * 8 * 1538
		seconds, rest := bits/rate, bits%rate
		want := time.Duration(seconds)*time.Second + time.Duration(rest*1_000_000_000/rate)
		if last != want {
			t.Errorf("%d bit/s: the last of %d frames left after %v, want %v", rate, frames, last, want)
		}
	}
}

func TestQueueHoldsItsFrames(t *testing.T) {
	// Each frame takes a millisecond.
	m := newModel(t, Params{Rate: 800_000, Queue: 3}, 1)
	var dropped []int
	for n := range 6 {
		if m.Arrive(0, 100).Drop == QueueFull {
			dropped = append(dropped, n)
		}
	}
	// One is being sent, three wait.
	if !slices.Equal(dropped, []int{4, 5}) {
		t.Errorf("dropped frames %v, want 4 and 5", dropped)
	}
	if fate := m.Arrive(time.Millisecond, 100); fate.Drop != Passed || fate.Departures[0].At != 5*time.Millisecond {
		t.Errorf("after one has left: %+v", fate)
	}
}

func TestQueueDefault(t *testing.T) {
	for rate, want := range map[uint64]int{
		0: 10_000, 8: 32, 10_000_000: 82, 1_000_000_000: 8256, 100_000_000_000: 10_000,
	} {
		if got := (Params{Rate: rate}).QueueFrames(); got != want {
			t.Errorf("%d bit/s: %d frames, want %d", rate, got, want)
		}
	}
}
