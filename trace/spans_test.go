package trace

import (
	"testing"

	"pgregory.net/rapid"
)

// TestSpans compares a set of ranges with a plain set of numbers.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set spans
		have := map[uint64]bool{}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			lo := rapid.Uint64Range(0, 100).Draw(t, "lo")
			hi := lo + rapid.Uint64Range(0, 20).Draw(t, "length")
			last := lo
			set.add(lo, hi, func(lo, hi uint64) {
				if lo < last || lo >= hi {
					t.Fatalf("part [%d, %d) after %d", lo, hi, last)
				}
				last = hi
				for ; lo < hi; lo++ {
					if have[lo] {
						t.Fatalf("%d is called fresh, but was there", lo)
					}
					have[lo] = true
				}
			})
			for ; lo < hi; lo++ {
				if !have[lo] {
					t.Fatalf("%d was new, but not called fresh", lo)
				}
			}
		}
		checkSpans(t, set, have)
	})
}

func checkSpans(t *rapid.T, set spans, have map[uint64]bool) {
	in := map[uint64]bool{}
	for i, r := range set {
		if r.lo >= r.hi || i > 0 && set[i-1].hi >= r.lo {
			t.Fatalf("ranges %v are empty, out of order or touch", set)
		}
		for n := r.lo; n < r.hi; n++ {
			in[n] = true
		}
	}
	if len(in) != len(have) {
		t.Fatalf("%v holds %d numbers, want %d", set, len(in), len(have))
	}
	missing := map[uint64]bool{}
	set.gaps(0, 130, func(lo, hi uint64) {
		for ; lo < hi; lo++ {
			missing[lo] = true
		}
	})
	for n := range uint64(130) {
		if in[n] == missing[n] || in[n] != have[n] {
			t.Fatalf("%d: in the set %v, in its gaps %v, put in %v", n, in[n], missing[n], have[n])
		}
	}
}

// TestContent compares what is remembered of a stream with the stream.
func TestContent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c content
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			at := rapid.Uint64Range(0, 3*contentSize).Draw(t, "at")
			piece := make([]byte, rapid.IntRange(1, contentSize/2).Draw(t, "length"))
			for i := range piece {
				piece[i] = byte((at + uint64(i)) % 251)
			}
			if !c.hold(at, piece) {
				t.Fatalf("the same bytes at %d are called different", at)
			}
		}
		last := c.known[len(c.known)-1]
		if last.hi-last.lo > 0 && c.hold(last.hi-1, []byte{byte((last.hi-1)%251) + 1}) {
			t.Fatalf("another byte at %d goes unnoticed", last.hi-1)
		}
	})
}

func TestUnwrap32(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := rapid.Uint64().Draw(t, "near")
		distance := rapid.Int64Range(-1<<31, 1<<31-1).Draw(t, "distance")
		want := near + uint64(distance)
		if got := unwrap32(uint32(want), near); got != want {
			t.Fatalf("unwrap32(%#x, %#x) = %#x, want %#x", uint32(want), near, got, want)
		}
	})
}
