package capture

// A fileQueue has the files that have a next packet, as a heap: none is before its
// parent, (i-1)/2.
type fileQueue []*merged

func (a *merged) before(b *merged) bool {
	return a.packet.Time < b.packet.Time || a.packet.Time == b.packet.Time && a.position < b.position
}

// order makes a heap of files in any order.
func (q fileQueue) order() {
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
}

// drop takes the first file out.
func (q *fileQueue) drop() {
	end := len(*q) - 1
	(*q)[0] = (*q)[end]
	*q = (*q)[:end]
	q.sink(0)
}

// sink moves a file down to its place.
func (q fileQueue) sink(i int) {
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
