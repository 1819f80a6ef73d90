package page

import "allroads/trace"

// sequence draws which part of the stream each subflow carried when: between the
// lowest and the highest byte in each bucket.
func sequence(c *trace.Connection, d *direction) panel {
	p := newPanel(c, d)
	all, left := collect(c, d, carriedData)
	if len(all) == 0 {
		return p.none(noData(c))
	}
	top := uint64(1)
	for _, s := range all {
		for i := range s.buckets {
			top = max(top, s.buckets[i].High)
		}
	}
	p.y, p.left = valueAxis(float64(top), byteScales), left
	for _, s := range all {
		p.curves = append(p.curves, curve{class: s.class, label: s.label, line: s.highest(p.y.max), area: s.span(p.y.max), dots: s.alone(p.y.max)})
	}
	p.marks = marks(c, d)
	p.about = "up to byte " + grouped(top) + " of the stream"
	return p
}

func carriedData(b *trace.Bucket) bool { return b.High > 0 }

func (s *series) highest(top float64) []byte {
	return steps(len(s.buckets), func(i int) (int, bool) {
		b := &s.buckets[i]
		return height(float64(b.High), top), carriedData(b)
	})
}

// alone marks the buckets without a neighbour, whose lines are short.
func (s *series) alone(top float64) []byte {
	var out stroke
	has := func(i int) bool { return i >= 0 && i < len(s.buckets) && carriedData(&s.buckets[i]) }
	for i := range s.buckets {
		if has(i) && !has(i-1) && !has(i+1) {
			out.move(2*i+1, height(float64(s.buckets[i].High), top))
			out.dot()
		}
	}
	return out.data
}

// span is the area between the lowest and the highest.
func (s *series) span(top float64) []byte {
	var out stroke
	for i := 0; i < len(s.buckets); i++ {
		if !carriedData(&s.buckets[i]) {
			continue
		}
		end := i
		for end < len(s.buckets) && carriedData(&s.buckets[end]) {
			end++
		}
		out.between(s.buckets[:end], i, top)
		i = end
	}
	return out.data
}

// between goes along the highest from one bucket to the last, and back along the
// lowest.
func (s *stroke) between(buckets []trace.Bucket, from int, top float64) {
	s.move(2*from, height(float64(buckets[from].Low), top))
	for i := from; i < len(buckets); i++ {
		s.line(2*i, height(float64(buckets[i].High), top))
		s.line(2*i+2, s.y)
	}
	for i := len(buckets) - 1; i >= from; i-- {
		s.line(2*i+2, height(float64(buckets[i].Low), top))
		s.line(2*i, s.y)
	}
	s.close()
}
