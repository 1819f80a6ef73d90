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
	// The ranges that touch [lo, hi) are those from first up to last.
	first, _ := slices.BinarySearchFunc(*s, lo, func(r span, lo uint64) int {
		if r.hi < lo {
			return -1
		}
		return 1
	})
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
		(*s)[first] = merged // the usual case, without moving anything
		return
	}
	*s = slices.Replace(*s, first, last, merged)
}

// ignore is for when it does not matter which part is fresh.
func ignore(lo, hi uint64) {}

// gaps calls hole for each part of [lo, hi) that is not in the set.
func (s spans) gaps(lo, hi uint64, hole func(lo, hi uint64)) {
	for _, r := range s {
		if r.hi <= lo {
			continue
		}
		if r.lo >= hi {
			break
		}
		if lo < r.lo {
			hole(lo, r.lo)
		}
		lo = r.hi
	}
	if lo < hi {
		hole(lo, hi)
	}
}

// end is the position behind the last one in the set, 0 when it is empty.
func (s spans) end() uint64 {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].hi
}
