package trace

import (
	"math/rand/v2"
	"testing"
)

// TestContentAgainstAWhole holds pieces in random order, some altered, against a
// stream that is kept as a whole, around many holes and far behind the ring's size.
func TestContentAgainstAWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	const size = 3 * contentSize
	whole := make([]byte, size)
	for i := range whole {
		whole[i] = byte(random.Uint32())
	}
	for _, base := range []uint64{0, midwayBase} {
		var c content
		known := make([]bool, size)
		front, altered := uint64(0), 0
		for front < size-4000 {
			at, n := front, 1+random.Uint64N(3000)
			switch random.IntN(4) {
			case 0:
				at += random.Uint64N(500) // a hole
			case 1:
				at -= min(at, random.Uint64N(contentSize/2))
			}
			piece := append([]byte{}, whole[at:min(at+n, size)]...)
			change := at + random.Uint64N(uint64(len(piece)))
			alter := known[change] && at+contentSize > front+4000
			if alter {
				piece[change-at] ^= 1
				altered++
			}
			if equal := c.hold(base+at, piece); equal == alter {
				t.Fatalf("base %d: [%d, %d) with %d changed (%v): equal %v", base, at, at+uint64(len(piece)), change, alter, equal)
			}
			for i := range piece {
				known[at+uint64(i)] = true
			}
			front = max(front, at+uint64(len(piece)))
		}
		if altered < 100 {
			t.Errorf("only %d were altered", altered)
		}
	}
}
