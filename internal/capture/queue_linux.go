package capture

// A queue has the sources that have frames, as a heap: none is before its parent,
// (i-1)/2.
type queue []*source

func (a *source) before(b *source) bool {
	return a.time < b.time || a.time == b.time && a.first < b.first
}

// fill starts the queue anew.
func (q *queue) fill(sources []*source) {
	*q = (*q)[:0]
	for _, s := range sources {
		if s.next < len(s.frames) {
			s.time = s.frames[s.next].time
			*q = append(*q, s)
		}
	}
	for i := len(*q)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
}

// fix puts the first source in its new place after its frame was taken.
func (q *queue) fix() {
	s := (*q)[0]
	if s.next < len(s.frames) {
		s.time = s.frames[s.next].time
	} else {
		end := len(*q) - 1
		(*q)[0] = (*q)[end]
		*q = (*q)[:end]
	}
	q.sink(0)
}

func (q queue) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(q); child++ {
			if q[child].before(q[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		q[i], q[least] = q[least], q[i]
		i = least
	}
}
