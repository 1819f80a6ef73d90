package capture

// A queue has what comes next of several sequences, as a heap: none is before its
// parent, (i-1)/2.
type queue[T any] []queued[T]

// The key stands beside what it belongs to, so that comparing follows no pointer.
type queued[T any] struct {
	time     int64 // ns since 1970
	position int   // of the sequence, decides where times are equal
	of       T
}

func (a *queued[T]) before(b *queued[T]) bool {
	return a.time < b.time || a.time == b.time && a.position < b.position
}

// order makes a heap of entries in any order.
func (q queue[T]) order() {
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
}

// later puts the first entry, whose time is now that of its sequence's next, in
// its place.
func (q queue[T]) later(time int64) {
	q[0].time = time
	q.sink(0)
}

// drop takes the first entry out.
func (q *queue[T]) drop() {
	end := len(*q) - 1
	(*q)[0] = (*q)[end]
	*q = (*q)[:end]
	q.sink(0)
}

// sink moves an entry down to its place.
func (q queue[T]) sink(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(q); child++ {
			if q[child].before(&q[least]) {
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
