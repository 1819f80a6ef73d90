package impair

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSameSeedSameFate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, seed := params().Draw(t, "params"), rapid.Uint64().Draw(t, "seed")
		one, other := newModel(t, p, seed), newModel(t, p, seed)
		for n, a := range arrivals(t) {
			if x, y := one.Arrive(a.at, a.length), other.Arrive(a.at, a.length); x != y {
				t.Fatalf("frame %d: %+v and %+v", n, x, y)
			}
		}
	})
}

// TestFateDoesNotHangOnTime sends the same frames at other times, through queues
// that are full at other frames.
func TestFateDoesNotHangOnTime(t *testing.T) {
	p := Params{
		Rate: 1_000_000, Queue: 5, Delay: 10 * time.Millisecond, Jitter: 2 * time.Millisecond,
		Loss: 0.1, Duplicate: 0.1, Reorder: 0.1, Burst: GilbertElliott{P: 0.05, R: 0.3, LossBad: 1},
	}
	slow, fast := newModel(t, p, 7), newModel(t, p, 7)
	full := 0
	for n := range 10_000 {
		x := slow.Arrive(time.Duration(n)*100*time.Millisecond, 1000)
		y := fast.Arrive(time.Duration(n)*500*time.Microsecond, 64)
		if y.Drop == QueueFull {
			full++
			continue
		}
		if x.Drop != y.Drop || x.Departures[0].Reordered != y.Departures[0].Reordered {
			t.Fatalf("frame %d: %+v and %+v", n, x, y)
		}
		if slow.Counters().Lost.Frames != fast.Counters().Lost.Frames {
			t.Fatalf("frame %d: %+v and %+v", n, slow.Counters(), fast.Counters())
		}
	}
	if slow.Counters().Duplicated.Frames != fast.Counters().Duplicated.Frames {
		t.Errorf("%+v and %+v", slow.Counters(), fast.Counters())
	}
	if full == 0 {
		t.Error("the queue was never full")
	}
}

func TestOtherSeedOtherFate(t *testing.T) {
	one, other := newModel(t, Params{Loss: 0.5}, 1), newModel(t, Params{Loss: 0.5}, 2)
	same := 0
	for range 1000 {
		if one.Arrive(0, 100).Drop == other.Arrive(0, 100).Drop {
			same++
		}
	}
	if same < 400 || same > 600 {
		t.Errorf("%d of 1000 fates are the same, want about half", same)
	}
}

func TestSetKeepsTheSealedFates(t *testing.T) {
	m := newModel(t, Params{Delay: 100 * time.Millisecond}, 1)
	before := m.Arrive(0, 100).Departures[0].At
	if err := m.Set(Params{Delay: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	// The first does not overtake, the second has no one to overtake.
	if at := m.Arrive(10*time.Millisecond, 100).Departures[0].At; at != before {
		t.Errorf("departs %v, want %v", at, before)
	}
	if at := m.Arrive(200*time.Millisecond, 100).Departures[0].At; at != 201*time.Millisecond {
		t.Errorf("departs %v, want 201ms", at)
	}
	if err := m.Set(Params{Loss: 2}); err == nil {
		t.Error("no error")
	}
	if fate := m.Arrive(300*time.Millisecond, 100); fate.Copies != 1 {
		t.Errorf("after a Set that failed: %+v", fate)
	}
}

func TestTimeDoesNotGoBack(t *testing.T) {
	m := newModel(t, Params{Delay: time.Millisecond}, 1)
	m.Arrive(time.Second, 100)
	if at := m.Arrive(0, 100).Departures[0].At; at != time.Second+time.Millisecond {
		t.Errorf("departs %v", at)
	}
}

func TestArriveAllocatesNothing(t *testing.T) {
	m := newModel(t, Params{Rate: 1_000_000_000, Delay: time.Millisecond, Jitter: 1000, Duplicate: 0.1}, 1)
	now := time.Duration(0)
	arrive := func() {
		now += 12 * time.Microsecond
		m.Arrive(now, 1514)
	}
	for range 10_000 {
		arrive()
	}
	if n := testing.AllocsPerRun(10_000, arrive); n > 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkArrive(b *testing.B) {
	m := newModel(b, Params{Rate: 1_000_000_000, Delay: time.Millisecond, Jitter: 1000, Loss: 0.01}, 1)
	now := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		now += 13 * time.Microsecond
		m.Arrive(now, 1514)
	}
}
