package bothends

import (
	"math/rand/v2"
	"slices"
)

// delays are times that packets took: the extremes of all, and of the rest so many,
// chosen by chance with the same chance for each (reservoir sampling), that quantiles
// can be told.
type delays struct {
	count   uint64
	samples []sample
	least   sample // by the difference of the times alone
	most    sample
}

// delaysAtMost are kept of one way of a pair; up to as many, quantiles are exact.
const delaysAtMost = 1024

func (d *delays) add(s sample) {
	d.count++
	if d.count == 1 {
		d.least, d.most = s, s
	}
	if s.more < d.least.more {
		d.least = s
	}
	if s.more > d.most.more {
		d.most = s
	}
	if len(d.samples) < delaysAtMost {
		d.samples = append(d.samples, s)
	} else if i := rand.Uint64N(d.count); i < delaysAtMost {
		d.samples[i] = s
	}
}

// quantiles tells how long packets took by the clocks; forward is from the first capture
// to the second.
func (d *delays) quantiles(v *view, forward bool) *Quantiles {
	if d.count == 0 {
		return nil
	}
	took := make([]int64, 0, len(d.samples)+2)
	samples := d.samples
	if d.count > uint64(len(samples)) {
		samples = append(samples[:len(samples):len(samples)], d.least, d.most)
	}
	for _, s := range samples {
		took = append(took, v.took(s, forward))
	}
	slices.Sort(took)
	at := func(percent int) int64 { return took[min(len(took)*percent/100, len(took)-1)] }
	return &Quantiles{Packets: d.count, Min: took[0], Median: at(50), P95: at(95), P99: at(99), Max: took[len(took)-1]}
}
