package page

import "allroads/trace"

// reinjections draws how much payload each subflow carried that had been seen
// before, by TCP's numbers or the stream's.
func reinjections(c *trace.Connection, d *direction) panel {
	p := newPanel(c, d)
	all, left := collect(c, d, func(b *trace.Bucket) bool { return b.Repeated > 0 })
	if len(all) == 0 {
		return p.none("nothing was sent twice")
	}
	top, sum := 0.0, uint64(0)
	sums := make([][]float64, len(all))
	for i, s := range all {
		sums[i] = inSteps(s.buckets, p.columns, func(b *trace.Bucket) uint64 { return b.Repeated })
		top = max(top, largest(sums[i]))
		for at := range s.buckets {
			sum += s.buckets[at].Repeated
		}
	}
	p.y, p.left = valueAxis(top, byteScales), left
	for i, s := range all {
		line := stepped(sums[i], p.columns, p.y.max)
		p.curves = append(p.curves, curve{class: s.class, label: s.label, line: line, area: toGround(line)})
	}
	p.marks = marks(c, d)
	step := c.ChartWidth * int64(bucketsPerStep(p.columns))
	p.about = bytesText(sum) + " in all, at most " + scaled(top, "B") + " in " + duration(step)
	return p
}
