package trace

// maxWaiting is how many flows are followed of which one direction only was seen.
// A flood of SYNs pushes out the oldest, rather than keep the newest away: they
// are the least likely to be answered still.
const maxWaiting = 1 << 13

// waiting are flows that nothing has come back on, in order of appearance.
type waiting struct {
	first, last *subflow
	count       int
}

func (w *waiting) add(f *subflow) {
	f.waits, f.older, f.newer = true, w.last, nil
	if w.last == nil {
		w.first = f
	} else {
		w.last.newer = f
	}
	w.last = f
	w.count++
	f.conn.waiting++
}

func (w *waiting) remove(f *subflow) {
	if !f.waits {
		return
	}
	if f.older == nil {
		w.first = f.newer
	} else {
		f.older.newer = f.newer
	}
	if f.newer == nil {
		w.last = f.older
	} else {
		f.newer.older = f.older
	}
	f.waits, f.older, f.newer = false, nil, nil
	w.count--
	f.conn.waiting--
}

// await takes a new flow, in place of the oldest if there are too many.
func (a *Analyzer) await(f *subflow) {
	if a.waiting.count >= maxWaiting {
		a.evict(a.waiting.first)
	}
	if f.conn.waiting >= maxFutile {
		a.evict(f.conn.longestWaiting())
	}
	a.waiting.add(f)
}

// longestWaiting is the subflow that has waited for the most packets.
func (c *connection) longestWaiting() (longest *subflow) {
	for _, flow := range c.subflows {
		if flow.waits && (longest == nil || flow.packet < longest.packet) {
			longest = flow
		}
	}
	return longest
}

// evict gives up a flow that waits. A connection that was no more than its SYN
// goes with it, without a report.
func (a *Analyzer) evict(f *subflow) {
	a.packets.Evicted++
	a.forget(f)
	f.ended = EndEvicted
	conn := f.conn
	switch {
	case len(conn.subflows) > 1:
		conn.giveUp(f)
	case f.used():
		a.retire(conn)
	default:
		a.unlist(conn)
		a.spare.give(conn)
	}
}
