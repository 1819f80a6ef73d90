package impair

import "math/rand/v2"

// A throw is every random number that a frame may need, each from [0, 1).
type throw struct {
	loss, burstTurn, burstLoss, duplicate float64
	copies                                [2]copyThrow // the frame and its duplicate
}

type copyThrow struct {
	jitter, reorder float64
}

// dice throws for each frame the same number of times, whatever the parameters
// are and wherever the frame ends, so that the fate of the nth frame does not
// hang on when the others came.
type dice struct {
	pcg rand.PCG
}

// stream tells our sequence from those of other programs that use the same seed.
const stream = 0x616c6c726f616473

func (d *dice) seed(seed uint64) { d.pcg.Seed(seed, stream) }

func (d *dice) roll(t *throw) {
	t.loss, t.burstTurn, t.burstLoss, t.duplicate = d.next(), d.next(), d.next(), d.next()
	for i := range t.copies {
		t.copies[i] = copyThrow{jitter: d.next(), reorder: d.next()}
	}
}

// next uses the 53 bits that a float64 has room for.
func (d *dice) next() float64 { return float64(d.pcg.Uint64()>>11) / (1 << 53) }
