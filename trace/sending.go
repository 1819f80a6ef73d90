package trace

import (
	"slices"
	"sort"
)

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

// sendings are those of one side, in order of the stream, in blocks. Each subflow
// carries pieces of the stream in order, those of several subflows lie between each
// other: what comes goes to the end of a block, or a block is cut in two there, once.
type sendings struct {
	blocks queue[[]sending] // none is empty
	count  int
	acked  int         // blocks at the front that are acknowledged wholly
	judged int         // sendings in these
	copied int         // how many of those that are not acknowledged were carried again
	free   [][]sending // blocks to be used again
}

// How many sendings are remembered: once they are acknowledged, enough to tell
// what came again; else as many as can be under way.
const (
	maxAckedSendings = 256
	maxSendings      = 1 << 16
	blockSendings    = 64
)

// add takes note of bytes that no subflow had carried before.
func (q *sendings) add(one *sending) {
	q.count++
	list := q.blocks.list()
	at := len(list) - 1
	if at >= 0 && one.lo < list[at][0].lo {
		at = sort.Search(len(list), func(i int) bool { return list[i][0].lo > one.lo }) - 1
	}
	if at >= 0 && q.append(list, at, one) {
		return
	}
	q.insert(at+1, one)
	if len(q.blocks.list()) == 1 {
		return
	}
	q.forget()
}

// append adds a sending behind what is before it in its block, and reports whether
// it could.
func (q *sendings) append(list [][]sending, at int, one *sending) bool {
	block := list[at]
	if n := len(block); one.lo < block[n-1].lo {
		q.cut(at, sort.Search(n, func(i int) bool { return block[i].lo > one.lo }))
	} else if at == q.acked-1 {
		return false // It may not be acknowledged.
	}
	list = q.blocks.list()
	if len(list[at]) >= blockSendings {
		return false
	}
	list[at] = append(list[at], *one)
	if at < q.acked {
		q.judged++
	}
	return true
}

// cut makes two blocks of one.
func (q *sendings) cut(at, i int) {
	block := q.blocks.list()[at]
	rest := append(q.block(), block[i:]...)
	q.blocks.list()[at] = block[:i]
	q.blocks.insert(at+1, rest)
	if at < q.acked {
		q.acked++
	}
}

// insert makes a block of a sending.
func (q *sendings) insert(at int, one *sending) {
	q.blocks.insert(at, append(q.block(), *one))
	if at < q.acked {
		q.acked++
		q.judged++
	}
}

// block is an empty one.
func (q *sendings) block() (b []sending) {
	if n := len(q.free); n > 0 {
		b, q.free = q.free[n-1], q.free[:n-1]
	}
	return b
}

// forget drops blocks at the front that are more than what is remembered.
func (q *sendings) forget() {
	for {
		first := q.blocks.list()[0]
		switch {
		case q.acked > 0 && q.judged-len(first) >= maxAckedSendings:
		case q.count > maxSendings:
		default:
			return
		}
		if q.acked > 0 {
			q.acked--
			q.judged -= len(first)
		} else {
			for i := range first {
				if first[i].copier != 0 {
					q.copied--
				}
			}
		}
		q.count -= len(first)
		q.blocks.shift()
		q.free = append(q.free, first[:0])
	}
}

// from calls visit for what ends behind a position, until that is enough.
func (q *sendings) from(at uint64, visit func(*sending) bool) {
	list := q.blocks.list()
	i := sort.Search(len(list), func(i int) bool { return list[i][len(list[i])-1].hi > at })
	for ; i < len(list); i++ {
		block := list[i]
		j := 0
		if block[0].hi <= at {
			j = sort.Search(len(block), func(j int) bool { return block[j].hi > at })
		}
		for ; j < len(block); j++ {
			if !visit(&block[j]) {
				return
			}
		}
	}
}

// each calls visit for the parts of [lo, hi) that are remembered.
func (q *sendings) each(lo, hi uint64, visit func(one *sending, lo, hi uint64)) {
	q.from(lo, func(one *sending) bool {
		if one.lo >= hi {
			return false
		}
		visit(one, max(lo, one.lo), min(hi, one.hi))
		return true
	})
}

// acknowledge calls visit for each sending that was carried again and is acknowledged
// now, when the acknowledged part of the stream grows.
func (q *sendings) acknowledge(before, acked uint64, visit func(*sending)) {
	if q.copied > 0 {
		q.from(before, func(one *sending) bool {
			if one.hi > acked {
				return false
			}
			if one.copier != 0 {
				visit(one)
				q.copied--
			}
			return true
		})
	}
	for list := q.blocks.list()[q.acked:]; len(list) > 0 && list[0][len(list[0])-1].hi <= acked; list = list[1:] {
		q.acked++
		q.judged += len(list[0])
	}
}

// emptied is a new one with the room of this.
func (q *sendings) emptied() sendings {
	for _, block := range q.blocks.list() {
		q.free = append(q.free, block[:0])
	}
	free := slices.Delete(q.free, min(len(q.free), maxSpareBlocks), len(q.free))
	return sendings{blocks: q.blocks.emptied(), free: free}
}

// maxSpareBlocks is how many blocks of a stream that is over are kept.
const maxSpareBlocks = 8
