package extract

import (
	"cmp"
	"slices"
)

// Range is a part of a stream: Low is in it, High is not.
type Range struct {
	Low  int64 `json:"low"`
	High int64 `json:"high"`
}

// ranges is a set of offsets, in ascending order; its ranges do not touch.
type ranges []Range

// add puts [low, high) into the set.
func (r *ranges) add(low, high int64) {
	list := *r
	n := len(list)
	switch {
	case low >= high:
		return
	case n > 0 && list[n-1].High == low: // the usual case
		list[n-1].High = high
		return
	case n == 0 || list[n-1].High < low:
		*r = append(list, Range{low, high})
		return
	}
	// Those that touch are from first up to last.
	first, _ := slices.BinarySearchFunc(list, low, func(one Range, low int64) int { return cmp.Compare(one.High, low) })
	last, merged := first, Range{low, high}
	for ; last < n && list[last].Low <= high; last++ {
		merged = Range{min(merged.Low, list[last].Low), max(merged.High, list[last].High)}
	}
	*r = slices.Replace(list, first, last, merged)
}

// gaps are the parts of [low, high) that are not in the set.
func (r ranges) gaps(low, high int64) (gaps []Range) {
	for _, one := range r {
		if one.High <= low {
			continue
		}
		if one.Low >= high {
			break
		}
		if low < one.Low {
			gaps = append(gaps, Range{low, one.Low})
		}
		low = one.High
	}
	if low < high {
		gaps = append(gaps, Range{low, high})
	}
	return gaps
}
