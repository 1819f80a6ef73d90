package bothends

import "math"

// clock is what packets tell of how far the second capture's clock is ahead of the
// first's: at most as much as a packet to it seems to take, and at least as much as
// one from it seems to take less than nothing. Only the sharpest bounds of each piece
// of time are kept; the pieces double in length when there are too many.
type clock struct {
	start int64 // of the first bin
	width int64
	bins  []bin
}

// bin is a piece of time.
type bin struct {
	most, least     int64 // the offset's bounds
	mostAt, leastAt int64 // when the packets were that tell so
	hasMost         bool
	hasLeast        bool
}

const (
	binsAtMost = 1024
	binWidth   = second / 50
)

func (c *clock) bound(at, d int64, upper bool) {
	if c.width == 0 {
		c.start, c.width = at-second, binWidth
	}
	at = max(at, c.start)
	for (at-c.start)/c.width >= binsAtMost {
		c.halve()
	}
	i := int((at - c.start) / c.width)
	for len(c.bins) <= i {
		c.bins = append(c.bins, bin{})
	}
	b := &c.bins[i]
	if upper && (!b.hasMost || d < b.most) {
		b.most, b.mostAt, b.hasMost = d, at, true
	}
	if !upper && (!b.hasLeast || d > b.least) {
		b.least, b.leastAt, b.hasLeast = d, at, true
	}
}

// halve makes one bin of two.
func (c *clock) halve() {
	n := (len(c.bins) + 1) / 2
	for i := range n {
		b := c.bins[2*i]
		if 2*i+1 < len(c.bins) {
			b.join(&c.bins[2*i+1])
		}
		c.bins[i] = b
	}
	c.bins = c.bins[:n]
	c.width *= 2
}

func (b *bin) join(o *bin) {
	if o.hasMost && (!b.hasMost || o.most < b.most) {
		b.most, b.mostAt, b.hasMost = o.most, o.mostAt, true
	}
	if o.hasLeast && (!b.hasLeast || o.least > b.least) {
		b.least, b.leastAt, b.hasLeast = o.least, o.leastAt, true
	}
}

// contradicts reports whether the clock was stepped within the bin.
func (b *bin) contradicts() bool { return b.hasMost && b.hasLeast && b.most < b.least }

// line is an offset that drifts: so much at a time, and so much more each second.
type line struct {
	at     int64
	offset float64 // nanoseconds
	drift  float64 // nanoseconds per second, which is 1,000 ppm to a microsecond
}

func (l line) value(at int64) float64 { return l.offset + l.drift*float64(at-l.at)/1e9 }

// bounds is what bins leave of the offset at a time, when the clock drifts so.
func bounds(bins []bin, at int64, drift float64) (least, most float64) {
	least, most = math.Inf(-1), math.Inf(1)
	for i := range bins {
		b := &bins[i]
		if b.contradicts() {
			continue
		}
		if b.hasMost {
			most = min(most, float64(b.most)-drift*float64(b.mostAt-at)/1e9)
		}
		if b.hasLeast {
			least = max(least, float64(b.least)-drift*float64(b.leastAt-at)/1e9)
		}
	}
	return least, most
}
