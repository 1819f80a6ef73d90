package trace

import "slices"

// queue is a list in some order, whose first elements are dropped by moving on.
// It moves what is left to the front from time to time, so that it takes no more
// room than twice the most it has held.
type queue[T any] struct {
	all  []T
	gone int // how many at the front are dropped
}

// list is what is in the queue.
func (q *queue[T]) list() []T { return q.all[q.gone:] }

func (q *queue[T]) len() int { return len(q.all) - q.gone }

func (q *queue[T]) insert(at int, one T) {
	if len(q.all) == cap(q.all) && q.gone > len(q.all)/2 {
		q.all = slices.Delete(q.all, 0, q.gone)
		q.gone = 0
	}
	if at += q.gone; at == len(q.all) {
		q.all = append(q.all, one)
		return
	}
	q.all = slices.Insert(q.all, at, one)
}

// shift drops the first element and returns it.
func (q *queue[T]) shift() (one T) {
	q.all[q.gone], one = one, q.all[q.gone]
	q.gone++
	return one
}
