package capture

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestQueueSorts takes everything out of a queue: it is sorted by time, and what
// has the same time is in the order of the sources.
func TestQueueSorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type entry struct{ Time, First int64 }
		var sources []*source
		var want, got []entry
		for first := range rapid.IntRange(1, 20).Draw(t, "sources") {
			s := &source{first: first}
			times := rapid.SliceOfN(rapid.Int64Range(0, 30), 0, 10).Draw(t, "times")
			slices.Sort(times)
			for _, at := range times {
				s.frames = append(s.frames, frame{time: at})
				want = append(want, entry{at, int64(first)})
			}
			sources = append(sources, s)
		}
		slices.SortStableFunc(want, func(a, b entry) int { return int(a.Time - b.Time) })
		var q queue
		for q.fill(sources); len(q) > 0; q.fix() {
			got = append(got, entry{q[0].time, int64(q[0].first)})
			q[0].next++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}
