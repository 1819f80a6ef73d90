package trace

import "slices"

// sending is a part of a stream as it was seen for the first time, on the
// subflow that carried it.
type sending struct {
	lo, hi uint64 // stream offsets
	at     int64  // nanoseconds since 1970
	end    uint64 // relative subflow sequence number behind it
	flow   int32  // the subflow's number
	copier int32  // that of the one that carried it again, before it was acknowledged; 0: none did
	copies uint64 // how many bytes of it
}

// sendings are those of one side, in order of the stream.
type sendings struct {
	queue[sending]
	judged int // how many at the front of the queue are below the DATA_ACK
	copied int // how many of the others were carried again
}

// How many sendings are remembered: once they are acknowledged, enough to tell
// what came again; else as many as can be under way.
const (
	maxAckedSendings = 256
	maxSendings      = 1 << 16
)

// add takes note of bytes that no subflow had carried before.
func (q *sendings) add(one *sending) {
	list := q.list()
	n := len(list)
	if n > 0 && one.lo < list[n-1].lo {
		n = q.search(one.lo)
	}
	q.insert(n, *one)
	if n < q.judged {
		q.judged++ // it was acknowledged before it was seen
	}
	if q.judged > maxAckedSendings || q.len() > maxSendings {
		q.forget()
	}
}

func (q *sendings) forget() {
	if q.judged > 0 {
		q.judged--
	} else if q.list()[0].copier != 0 {
		q.copied--
	}
	q.gone++
}

// search returns the first that ends behind a position.
func (q *sendings) search(at uint64) int {
	i, _ := slices.BinarySearchFunc(q.list(), at, func(one sending, at uint64) int {
		if one.hi <= at {
			return -1
		}
		return 1
	})
	return i
}

// each calls visit for the parts of [lo, hi) that are remembered.
func (q *sendings) each(lo, hi uint64, visit func(i int, one *sending, lo, hi uint64)) {
	list := q.list()
	for i := q.search(lo); i < len(list) && list[i].lo < hi; i++ {
		visit(i, &list[i], max(lo, list[i].lo), min(hi, list[i].hi))
	}
}

// acknowledge calls visit for each sending that was carried again and has been
// acknowledged now.
func (q *sendings) acknowledge(acked uint64, visit func(*sending)) {
	list := q.list()
	for q.judged < len(list) && list[q.judged].hi <= acked {
		if one := &list[q.judged]; one.copier != 0 {
			visit(one)
			q.copied--
		}
		q.judged++
	}
}
