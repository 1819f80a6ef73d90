package bothends

import "math"

// Drift of a clock.
const (
	driftAtMost  = 1e6 // nanoseconds per second: 1,000 ppm, twice of what clocks are let go astray by NTP
	driftAllowed = 5e5 // between two pieces of time before it counts as a step
	spanAtLeast  = 5 * second
)

// epoch is a time in which the clock was not stepped.
type epoch struct {
	bins         []bin
	from, to     int64 // of the packets that bound it
	begins, ends int64 // around it, to the next ones
	mid          line
	least, most  float64 // the offset's bounds at mid.at
	driftKnown   bool
	spread       float64    // how far the drift may be off if the fastest packets always take equally long
	driftRange   [2]float64 // that no packet contradicts
}

// epochs cuts bins where the bounds of the offset do not fit those before: the clock
// was stepped.
func (c *clock) epochs() (all []epoch) {
	start, least, most, last := 0, math.Inf(-1), math.Inf(1), int64(0)
	for i := range c.bins {
		b := &c.bins[i]
		if b.contradicts() || !b.hasMost || !b.hasLeast {
			continue
		}
		at := max(b.mostAt, b.leastAt)
		if last > 0 {
			allowed := driftAllowed * float64(at-last) / 1e9
			least, most = least-allowed, most+allowed
		}
		if float64(b.most) < least || float64(b.least) > most {
			all = append(all, newEpoch(c.bins[start:i]))
			start, least, most = i, math.Inf(-1), math.Inf(1)
		}
		least, most, last = max(least, float64(b.least)), min(most, float64(b.most)), at
	}
	return append(all, newEpoch(c.bins[start:]))
}

func newEpoch(bins []bin) (e epoch) {
	e.bins = bins
	e.from, e.to = math.MaxInt64, math.MinInt64
	for i := range bins {
		b := &bins[i]
		if b.hasMost && !b.contradicts() {
			e.from, e.to = min(e.from, b.mostAt), max(e.to, b.mostAt)
		}
		if b.hasLeast && !b.contradicts() {
			e.from, e.to = min(e.from, b.leastAt), max(e.to, b.leastAt)
		}
	}
	e.mid.at = e.from + (e.to-e.from)/2
	e.fit()
	return e
}

// fit finds the drift that leaves the widest room between the bounds, as wrong ones
// eat into it from both sides; then the middle of the room.
func (e *epoch) fit() {
	e.least, e.most = bounds(e.bins, e.mid.at, 0)
	if math.IsInf(e.least, 0) || math.IsInf(e.most, 0) {
		return
	}
	room := func(drift float64) float64 {
		least, most := bounds(e.bins, e.mid.at, drift)
		return most - least
	}
	if e.to-e.from >= spanAtLeast || e.least > e.most {
		best := peak(room)
		e.mid.drift, e.driftKnown = best, e.to-e.from >= spanAtLeast
		e.driftRange = [2]float64{edge(room, best, -driftAtMost), edge(room, best, driftAtMost)}
		e.spread = e.unsteady() / (float64(e.to-e.from) / 1e9)
	}
	e.least, e.most = bounds(e.bins, e.mid.at, e.mid.drift)
	e.mid.offset = (e.least + e.most) / 2
	e.widen()
}

// widen has the bounds of the offset hold whatever the drift is, as long as no packet
// contradicts it and no clock can be so wrong.
func (e *epoch) widen() {
	const tries = 40
	for i := range tries + 1 {
		drift := driftAllowed * (2*float64(i)/tries - 1)
		if least, most := bounds(e.bins, e.mid.at, drift); least <= most {
			e.least, e.most = min(e.least, least), max(e.most, most)
		}
	}
}

// peak is where a concave function is highest; the middle, if that is a range.
func peak(f func(float64) float64) float64 {
	low, high := -driftAtMost, driftAtMost
	for range 100 {
		a, b := low+(high-low)/3, high-(high-low)/3
		switch fa, fb := f(a), f(b); {
		case fa < fb:
			low = a
		case fa > fb:
			high = b
		default:
			low, high = a, b
		}
	}
	return (low + high) / 2
}

// edge is how far from its peak, towards an end, a concave function stays above 0.
func edge(f func(float64) float64, inside, end float64) float64 {
	if f(end) >= 0 {
		return end
	}
	for range 60 {
		if middle := (inside + end) / 2; f(middle) >= 0 {
			inside = middle
		} else {
			end = middle
		}
	}
	return inside
}

// unsteady is by how much the fastest packets of an eighth of the time are slower
// than the fastest of all, in the worst one, both ways together.
func (e *epoch) unsteady() float64 {
	const parts = 8
	worst := [2]float64{}
	var best [2][parts]float64
	for i := range best {
		for j := range best[i] {
			best[i][j] = math.Inf(1)
		}
	}
	part := func(at int64) int { return min(int((at-e.from)*parts/max(e.to-e.from, 1)), parts-1) }
	for i := range e.bins {
		b := &e.bins[i]
		if b.contradicts() {
			continue
		}
		if b.hasMost {
			n := part(b.mostAt)
			best[0][n] = min(best[0][n], float64(b.most)-e.mid.drift*float64(b.mostAt-e.mid.at)/1e9)
		}
		if b.hasLeast {
			n := part(b.leastAt)
			best[1][n] = min(best[1][n], e.mid.drift*float64(b.leastAt-e.mid.at)/1e9-float64(b.least))
		}
	}
	for i := range best {
		least := math.Inf(1)
		for _, v := range best[i] {
			least = min(least, v)
		}
		for _, v := range best[i] {
			if !math.IsInf(v, 0) {
				worst[i] = max(worst[i], v-least)
			}
		}
	}
	return 2 * (worst[0] + worst[1])
}
