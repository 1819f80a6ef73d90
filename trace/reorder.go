package trace

// Reordering says how a side's data came out of order at the capture, seen as one
// stream: what a receiver there would have had to keep (RFC 8684, section 3.3.1).
type Reordering struct {
	Packets  uint64 `json:"packets"`  // brought data behind data that had not come yet
	Bytes    uint64 `json:"bytes"`    // in them
	Distance uint64 `json:"distance"` // the most bytes that one came too early
	Buffer   uint64 `json:"buffer"`   // the most bytes that waited at once
	Waited   int64  `json:"waited"`   // nanoseconds in which anything waited
	Longest  int64  `json:"longest"`  // of them, without a break
	Average  int64  `json:"average"`  // nanoseconds that a byte waited, of those that did
}

// reorder follows how far a stream has come in order.
type reorder struct {
	Reordering
	next    uint64 // all bytes below have come
	waiting uint64 // bytes that have come, but not all before them
	since   int64  // when the first of those that wait came
	from    int64  // when waiting began for the byte that is missing now
	changed int64  // when waiting was last brought up to date
	area    float64
}

// come takes bytes of the stream from lo on, of which fresh are new. covered is all
// that has come, with them. It returns how long others waited for these.
// What the other side has acknowledged does not wait, though it may not have been
// captured.
func (r *reorder) come(lo, fresh, acked uint64, covered spans, at int64) (waited int64) {
	if r.waiting == 0 && len(covered) == 1 && lo <= r.next { // the usual case
		r.next = max(r.next, covered[0].hi)
		return 0
	}
	if acked > r.next {
		r.next = acked
		r.advance(covered, at)
	}
	if lo > r.next {
		r.early(lo, fresh, at)
		return 0
	}
	return r.advance(covered, at)
}

// advance moves on to the next byte that has not come, and returns how long others
// waited for what came.
func (r *reorder) advance(covered spans, at int64) (waited int64) {
	i := covered.search(r.next)
	if i < len(covered) && covered[i].lo <= r.next {
		r.next = covered[i].hi
		i++
	}
	if r.waiting == 0 {
		return 0
	}
	r.elapse(at)
	r.waiting = 0
	for _, behind := range covered[i:] {
		r.waiting += behind.hi - behind.lo
	}
	waited = max(at-r.from, 0)
	r.Waited += waited
	r.from = at
	if r.waiting == 0 {
		r.Longest = max(r.Longest, at-r.since)
	}
	return waited
}

// early takes bytes that have to wait.
func (r *reorder) early(lo, fresh uint64, at int64) {
	if fresh == 0 {
		return
	}
	r.elapse(at)
	if r.waiting == 0 {
		r.since, r.from = at, at
	}
	r.waiting += fresh
	r.Packets++
	r.Bytes += fresh
	r.Distance = max(r.Distance, lo-r.next)
	r.Buffer = max(r.Buffer, r.waiting)
}

func (r *reorder) elapse(at int64) {
	r.area += float64(r.waiting) * float64(max(at-r.changed, 0)) // A clock may be set back.
	r.changed = at
}

// restart has the order judged from now on.
func (r *reorder) restart(covered spans, acked uint64) {
	r.waiting, r.next = 0, acked
	if len(covered) > 0 {
		r.next = max(acked, covered[0].hi)
	}
}

func (r *reorder) report() Reordering {
	out := r.Reordering
	if out.Bytes > 0 {
		out.Average = int64(r.area / float64(out.Bytes))
	}
	return out
}
