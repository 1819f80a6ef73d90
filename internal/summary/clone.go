package summary

import (
	"maps"
	"slices"
)

// Clone returns a summary that goes on from here by itself: to show what is not over
// beside what is.
func (s *Summary) Clone() *Summary {
	out := *s
	out.totals.kinds, out.totals.verdicts = maps.Clone(s.totals.kinds), maps.Clone(s.totals.verdicts)
	out.odd.groups = slices.Clone(s.odd.groups)
	for i := range out.odd.groups {
		out.odd.groups[i].first = slices.Clone(out.odd.groups[i].first)
	}
	out.rows = slices.Clone(s.rows)
	for i, r := range out.rows {
		copied := *r // The last one is filled anew when another takes its place.
		copied.subflows = slices.Clone(r.subflows)
		out.rows[i] = &copied
	}
	return &out
}
