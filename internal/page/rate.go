package page

import "allroads/trace"

// rate draws how much new data of the stream each subflow carried in a second, and
// all of them together.
func rate(c *trace.Connection, d *direction) panel {
	p := newPanel(c, d)
	all, left := collect(c, d, func(b *trace.Bucket) bool { return b.Bytes > 0 })
	if len(all) == 0 || c.ChartWidth == 0 {
		return p.none(noData(c))
	}
	total := p.total(c, d)
	top := largest(total)
	p.y, p.left = valueAxis(top, rateScales), left
	if len(all) > 1 || left > 0 {
		line := stepped(total, p.columns, p.y.max)
		p.curves = append(p.curves, curve{class: "total", label: "total", line: line, area: toGround(line)})
	}
	for _, s := range all {
		line := stepped(perSecond(s.buckets, p.columns, c.ChartWidth), p.columns, p.y.max)
		p.curves = append(p.curves, curve{class: s.class, label: s.label, line: line})
	}
	p.marks = marks(c, d)
	p.about = "at most " + scaled(top, "bit/s") + " in " + duration(c.ChartWidth*int64(bucketsPerStep(p.columns)))
	return p
}

// total is the rate of all subflows.
func (p *panel) total(c *trace.Connection, d *direction) []float64 {
	var sums []float64
	for i := range c.Subflows {
		own := perSecond(d.of(&c.Subflows[i]).Chart, p.columns, c.ChartWidth)
		if sums == nil {
			sums = own
			continue
		}
		for at := range own {
			sums[at] += own[at]
		}
	}
	return sums
}

// perSecond is a subflow's rate in bits per second, of buckets that are so many
// nanoseconds long. The last step may have fewer of them.
func perSecond(buckets []trace.Bucket, columns int, width int64) []float64 {
	sums := inSteps(buckets, columns, func(b *trace.Bucket) uint64 { return b.Bytes })
	per := bucketsPerStep(columns)
	for i := range sums {
		sums[i] *= 8e9 / float64(int64(min(per, columns-i*per))*width)
	}
	return sums
}

// toGround makes an area of a line that goes from the left edge to the right.
func toGround(line []byte) []byte {
	var s stroke
	s.move(0, gridHeight)
	s.data = append(append(s.data, 'L'), line[1:]...)
	return append(appendInt(append(s.data, 'V'), gridHeight), 'z')
}
