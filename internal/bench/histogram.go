package bench

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts times in memory that does not grow: below 2^precision ns each
// has a place of its own, above there are so many to each power of two. So a
// time is known to one part in 2^(precision-1), 0.1 %.
type histogram struct {
	counts [(64 - precision + 2) << (precision - 1)]uint32
	n      uint64
	sum    float64
	min    time.Duration
	max    time.Duration
}

const precision = 11

func (h *histogram) add(t time.Duration) {
	t = max(t, 0)
	h.counts[place(uint64(t))]++
	if h.n == 0 || t < h.min {
		h.min = t
	}
	h.max = max(h.max, t)
	h.sum += float64(t)
	h.n++
}

// place is where a time is counted, and value the longest that is counted there.
func place(t uint64) int {
	shift := max(bits.Len64(t)-precision, 0)
	return shift<<(precision-1) + int(t>>shift)
}

func value(place int) time.Duration {
	shift := max(place>>(precision-1)-1, 0)
	mantissa := uint64(place - shift<<(precision-1))
	return time.Duration((mantissa+1)<<shift - 1)
}

func (h *histogram) merge(other *histogram) {
	if other.n == 0 {
		return
	}
	for i, n := range other.counts {
		h.counts[i] += n
	}
	if h.n == 0 || other.min < h.min {
		h.min = other.min
	}
	h.max = max(h.max, other.max)
	h.sum += other.sum
	h.n += other.n
}

// percentile is the time that so many percent of all do not exceed.
func (h *histogram) percentile(percent float64) time.Duration {
	rank := max(uint64(math.Ceil(percent/100*float64(h.n))), 1)
	var seen uint64
	for i, n := range h.counts {
		if seen += uint64(n); seen >= rank {
			return min(value(i), h.max)
		}
	}
	return h.max
}

func (h *histogram) mean() time.Duration {
	if h.n == 0 {
		return 0
	}
	return time.Duration(h.sum / float64(h.n))
}
