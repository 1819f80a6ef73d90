package trace

import "slices"

// span is a range of positions in a sequence of bytes: lo is in it, hi is not.
type span struct{ lo, hi uint64 }

// spans is a set of positions, kept as ranges in ascending order that do not
// touch. A stream without holes is one range.
type spans []span

// add puts [lo, hi) into the set and calls fresh, in order, for each part that
// was not in it.
func (s *spans) add(lo, hi uint64, fresh func(lo, hi uint64)) {
	if lo >= hi {
		return
	}
	if n := len(*s); n > 0 && (*s)[n-1].hi == lo { // the usual case
		(*s)[n-1].hi = hi
		fresh(lo, hi)
		return
	}
	// The ranges that touch [lo, hi) are those from first up to last.
	first := s.search(lo)
	last, at := first, lo
	for ; last < len(*s) && (*s)[last].lo <= hi; last++ {
		if r := (*s)[last]; at < r.lo {
			fresh(at, r.lo)
		}
		at = max(at, (*s)[last].hi)
	}
	if at < hi {
		fresh(at, hi)
	}
	merged := span{lo, hi}
	if first < last {
		merged = span{min(lo, (*s)[first].lo), max(hi, (*s)[last-1].hi)}
	}
	if last == first+1 {
		(*s)[first] = merged
		return
	}
	*s = slices.Replace(*s, first, last, merged)
}

// maxSpans is how many ranges a set has at most that grows with what a capture
// has lost.
const maxSpans = 1 << 12

// shorten makes the earlier half of the ranges one when there are too many, and
// returns how many positions that were not in the set are in it now.
func (s *spans) shorten() (skipped uint64) {
	if len(*s) <= maxSpans {
		return 0
	}
	early := (*s)[:len(*s)/2]
	whole := span{early[0].lo, early.end()}
	skipped = whole.hi - whole.lo - early.count()
	*s = append(append((*s)[:0], whole), (*s)[len(early):]...)
	return skipped
}

// touches reports whether any of [lo, hi) is in the set.
func (s spans) touches(lo, hi uint64) bool {
	i := s.search(lo + 1)
	return i < len(s) && s[i].lo < hi
}

// ignore is for when it does not matter which part is fresh.
func ignore(lo, hi uint64) {}

// search returns the first range that ends at a position or behind it.
func (s spans) search(at uint64) int {
	i, _ := slices.BinarySearchFunc(s, at, func(r span, at uint64) int {
		if r.hi < at {
			return -1
		}
		return 1
	})
	return i
}

// gaps calls hole for each part of [lo, hi) that is not in the set.
func (s spans) gaps(lo, hi uint64, hole func(lo, hi uint64)) {
	for _, r := range s[s.search(lo):] {
		if r.lo >= hi {
			break
		}
		if lo < r.lo {
			hole(lo, r.lo)
		}
		lo = max(lo, r.hi)
	}
	if lo < hi {
		hole(lo, hi)
	}
}

// parts calls part for each part of [lo, hi) that is in the set.
func (s spans) parts(lo, hi uint64, part func(lo, hi uint64)) {
	for _, r := range s[s.search(lo):] {
		if r.lo >= hi {
			break
		}
		if from, to := max(lo, r.lo), min(hi, r.hi); from < to {
			part(from, to)
		}
	}
}

// take removes [lo, hi) from the set and calls part, in order, for what of it
// was there.
func (s *spans) take(lo, hi uint64, part func(lo, hi uint64)) {
	first := s.search(lo)
	last := first
	var taken, left spans
	for ; last < len(*s) && (*s)[last].lo < hi; last++ {
		r := (*s)[last]
		if r.lo < lo {
			left = append(left, span{r.lo, min(r.hi, lo)})
		}
		if r.hi > hi {
			left = append(left, span{max(r.lo, hi), r.hi})
		}
		if inside := (span{max(r.lo, lo), min(r.hi, hi)}); inside.lo < inside.hi {
			taken = append(taken, inside)
		}
	}
	if len(taken) == 0 {
		return
	}
	*s = slices.Replace(*s, first, last, left...)
	for _, r := range taken {
		part(r.lo, r.hi)
	}
}

// count is how many positions are in the set.
func (s spans) count() (n uint64) {
	for _, r := range s {
		n += r.hi - r.lo
	}
	return n
}

// end is the position behind the last one in the set, 0 when it is empty.
func (s spans) end() uint64 {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].hi
}
