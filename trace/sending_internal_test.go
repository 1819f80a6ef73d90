package trace

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// plainSendings is a list that forgets nothing.
type plainSendings []sending

func (p *plainSendings) add(one sending) {
	i, _ := slices.BinarySearchFunc(*p, one.lo, func(s sending, lo uint64) int { return int(int64(s.lo - lo)) })
	*p = slices.Insert(*p, i, one)
}

// TestSendings holds the blocks to a plain list, while subflows carry pieces between
// each other's, late ones come, some are carried again and some are acknowledged.
func TestSendings(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		var q sendings
		var plain plainSendings
		next, acked := [3]uint64{0, 1 << 20, 2 << 20}, uint64(0)
		for range 3000 {
			switch n := r.IntN(10); {
			case n < 7:
				flow := r.IntN(3)
				lo := next[flow]
				if r.IntN(8) == 0 {
					lo += 100 // a hole, which may be filled later
				}
				one := sending{lo: lo, hi: lo + 100, flow: int32(flow + 1)}
				next[flow] = one.hi
				if r.IntN(50) == 0 {
					next[flow] += 1 << 22
				}
				q.add(&one)
				plain.add(one)
			case n < 8 && len(plain) > 0: // carried again
				at := plain[r.IntN(len(plain))].lo
				q.each(at, at+100, func(one *sending, lo, hi uint64) {
					if one.hi > acked && one.copier == 0 {
						q.copied++
						one.copier = 9
					}
				})
			case len(plain) > 0:
				to := max(acked, plain[r.IntN(len(plain))].hi)
				q.acknowledge(acked, to, func(one *sending) {
					if one.hi <= acked || one.hi > to || one.copier != 9 {
						t.Fatalf("seed %d: %+v is told when %d to %d is acknowledged", seed, one, acked, to)
					}
				})
				acked = to
			}
			q.hold(t, seed, plain, acked)
		}
	}
}

// hold checks the blocks against each other and against the list.
func (q *sendings) hold(t *testing.T, seed uint64, plain plainSendings, acked uint64) {
	t.Helper()
	var all []sending
	judged := 0
	for i, block := range q.blocks.list() {
		if len(block) == 0 || len(block) > blockSendings {
			t.Fatalf("seed %d: a block of %d", seed, len(block))
		}
		if all = append(all, block...); i < q.acked {
			judged += len(block)
		}
	}
	copied, told := 0, 0
	for _, one := range all {
		if one.hi > acked && one.copier != 0 {
			copied++
		}
		if one.hi <= acked {
			told++
		}
	}
	forgotten := len(plain) - len(all)
	switch {
	case q.count != len(all), q.judged != judged, q.copied != copied, q.judged > told:
		t.Fatalf("seed %d: count %d of %d, judged %d of %d, %d of these acknowledged, copied %d of %d",
			seed, q.count, len(all), q.judged, judged, told, q.copied, copied)
	case forgotten > 0 && told < maxAckedSendings:
		t.Fatalf("seed %d: %d are left of those acknowledged", seed, told)
	case told > maxAckedSendings+2*blockSendings+3*64 && forgotten == 0:
		t.Fatalf("seed %d: none of %d acknowledged is forgotten", seed, told)
	}
	for i, one := range plain[forgotten:] {
		if all[i].lo != one.lo || all[i].hi != one.hi || all[i].flow != one.flow {
			t.Fatalf("seed %d: sending %d is %+v, want %+v", seed, i, all[i], one)
		}
	}
}
