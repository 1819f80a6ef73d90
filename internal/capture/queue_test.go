package capture

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestQueueSorts takes everything out of a queue: it is sorted by time, and what
// has the same time is in the order of the sequences.
func TestQueueSorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type entry struct{ Time, Position int64 }
		var q queue[[]int64]
		var want, got []entry
		for position := range rapid.IntRange(1, 20).Draw(t, "sequences") {
			times := rapid.SliceOfN(rapid.Int64Range(0, 30), 1, 10).Draw(t, "times")
			slices.Sort(times)
			for _, at := range times {
				want = append(want, entry{at, int64(position)})
			}
			q = append(q, queued[[]int64]{times[0], position, times})
		}
		slices.SortStableFunc(want, func(a, b entry) int { return int(a.Time - b.Time) })
		for q.order(); len(q) > 0; {
			got = append(got, entry{q[0].time, int64(q[0].position)})
			if q[0].of = q[0].of[1:]; len(q[0].of) > 0 {
				q.later(q[0].of[0])
			} else {
				q.drop()
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
