package impair

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLanesLeaveInTime compares the lanes with a sorted list.
func TestLanesLeaveInTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l lanes
		var waiting []time.Duration
		latest := map[bool]time.Duration{}
		now := time.Duration(0)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "hold") {
				d := Departure{Reordered: rapid.Bool().Draw(t, "reordered")}
				d.At = max(now, latest[d.Reordered]) + time.Duration(rapid.IntRange(0, 20).Draw(t, "in"))
				latest[d.Reordered] = d.At
				l.hold([]byte{byte(d.At)}, d)
				waiting = append(waiting, d.At)
				slices.Sort(waiting)
				continue
			}
			now += time.Duration(rapid.IntRange(0, 20).Draw(t, "later"))
			for frame := l.leave(now); frame != nil; frame = l.leave(now) {
				if len(waiting) == 0 || frame[0] != byte(waiting[0]) {
					t.Fatalf("at %v: frame %d left, waiting are %v", now, frame[0], waiting)
				}
				waiting = waiting[1:]
			}
			next := never
			if len(waiting) > 0 {
				next = waiting[0]
			}
			if next <= now || l.next() != next {
				t.Fatalf("at %v: next is %v, waiting are %v", now, l.next(), waiting)
			}
		}
	})
}

func TestFifoGivesMemoryBack(t *testing.T) {
	var f fifo[int]
	for n := range 3 * keep {
		f.push(n)
	}
	for n := range 3 * keep {
		if *f.front() != n {
			t.Fatalf("%d is in front, want %d", *f.front(), n)
		}
		f.pop()
	}
	if len(f.items) > keep {
		t.Errorf("room for %d is kept", len(f.items))
	}
}

// TestClockIsSet turns arrival times into the link's while the system's clock is
// set.
func TestClockIsSet(t *testing.T) {
	m := moment{since: time.Minute, wall: 1e18}
	for ago, want := range map[time.Duration]time.Duration{
		3 * time.Millisecond: time.Minute - 3*time.Millisecond,
		-time.Microsecond:    time.Minute + time.Microsecond,
		time.Hour:            time.Minute,
		-time.Hour:           time.Minute,
	} {
		if got := m.when(m.wall - ago.Nanoseconds()); got != want {
			t.Errorf("%v ago: %v, want %v", ago, got, want)
		}
	}
}
