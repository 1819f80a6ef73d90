package page

import "allroads/trace"

// rttGap is over how many buckets to the next sample a line goes on, at least.
const rttGap = 4

// rtt draws how long answers took on each subflow, on average in each bucket.
func rtt(c *trace.Connection, d *direction) panel {
	p := newPanel(c, d)
	all, left := collect(c, d, measured)
	if len(all) == 0 {
		return p.none("no round trip was measured")
	}
	top := int64(1)
	for _, s := range all {
		for i := range s.buckets {
			top = max(top, s.buckets[i].RTT)
		}
	}
	p.y, p.left = valueAxis(float64(top), rttScales), left
	for _, s := range all {
		line, dots := s.trips(p.columns, p.y.max)
		p.curves = append(p.curves, curve{class: s.class, label: s.label, line: line, dots: dots})
	}
	p.marks = marks(c, d)
	p.about = "up to " + duration(top)
	return p
}

func measured(b *trace.Bucket) bool { return b.RTT > 0 }

// trips is a line through the middles of the buckets with a sample, and dots where
// one has no neighbours to be joined with.
func (s *series) trips(columns int, top float64) (line, dots []byte) {
	var through, alone stroke
	gap := max(columns/40, rttGap)
	samples := s.samples()
	for i, at := range samples {
		x, y := 2*at+1, height(float64(s.buckets[at].RTT), top)
		before := i > 0 && at-samples[i-1] <= gap
		after := i+1 < len(samples) && samples[i+1]-at <= gap
		switch {
		case before:
			through.line(x, y)
		case after:
			through.move(x, y)
		default:
			alone.move(x, y)
			alone.dot()
		}
	}
	return through.data, alone.data
}

// samples are the buckets that have one.
func (s *series) samples() (list []int) {
	for i := range s.buckets {
		if measured(&s.buckets[i]) {
			list = append(list, i)
		}
	}
	return list
}
