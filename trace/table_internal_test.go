package trace

import (
	"math/rand/v2"
	"testing"
)

// TestTable does as a map does, also where all hashes are equal or few.
func TestTable(t *testing.T) {
	for _, hashes := range []uint64{1, 3, 1 << 60} {
		var (
			table  table[int]
			want   = map[tuple]*int{}
			random = rand.New(rand.NewPCG(1, hashes))
		)
		hashOf := func(key tuple) uint64 { return key.src[1] * 0x9e3779b97f4a7c15 % hashes }
		for range 20_000 {
			key := tuple{src: [2]uint64{0, random.Uint64N(300)}, dst: [2]uint64{0, 1000}}
			switch value, known := want[key]; {
			case !known:
				want[key] = new(int)
				table.put(hashOf(key), &key, want[key])
			case random.IntN(3) == 0:
				table.drop(hashOf(key), new(int)) // another one's
				table.drop(hashOf(key), value)
				delete(want, key)
			}
			back := key.reverse()
			if got, same := table.find(hashOf(key), &key); got != want[key] || same != (got != nil) {
				t.Fatalf("%v gives %p, want %p", key, got, want[key])
			}
			if got, same := table.find(hashOf(key), &back); got != want[key] || same {
				t.Fatalf("%v gives %p, want %p", back, got, want[key])
			}
		}
		if table.used != len(want) {
			t.Errorf("%d are in the table, want %d", table.used, len(want))
		}
		for key, value := range want {
			table.drop(hashOf(key), value)
		}
		if table.used != 0 || len(table.slots) != minSlots {
			t.Errorf("%d of %d slots are taken when all are dropped", table.used, len(table.slots))
		}
	}
}
