package watch

import "time"

// intervals are how long after one look the next follows, from when a socket was handed
// over, and again from when it connected; the last one for ever.
var intervals = [...]time.Duration{
	20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond,
	500 * time.Millisecond, time.Second, 2 * time.Second,
}

// forever is longer than anybody waits.
const forever = 1000 * time.Hour

// pace is which of the intervals comes next.
type pace uint8

func (p *pace) interval() time.Duration {
	d := intervals[*p]
	*p = min(*p+1, pace(len(intervals)-1))
	return d
}

// dueAt says when a socket is looked at next. mu is held.
func (w *Watcher) dueAt(s *socket, at time.Time) {
	s.due = at
	w.by(at)
}

// by has run look at what is due not later than at a time. It may be asleep for longer: the
// event of a new socket does not wake it if the socket listens already, or is connecting,
// before it looks. mu is held.
func (w *Watcher) by(at time.Time) {
	if at.Before(w.next) {
		w.next = at
	}
	if at.Before(w.asleep) {
		w.asleep = time.Time{}
		w.rouse()
	}
}

// lookAtDue looks at all sockets whose time has come. looking is held.
func (w *Watcher) lookAtDue(now time.Time) {
	w.mu.Lock()
	idle, n := now.Before(w.next), len(w.sockets)
	if !idle {
		w.next = now.Add(forever)
	}
	w.mu.Unlock()
	if idle {
		return
	}
	w.walkTrees(now)
	for i := range n {
		w.lookIfDue(i, now)
	}
	w.listIfDue(now)
}

// lookIfDue looks at one socket.
func (w *Watcher) lookIfDue(i int, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, k := &w.sockets[i], w.key(i)
	if s.stage == free || s.lost {
		return
	}
	if s.due.After(now) {
		w.by(s.due)
		return
	}
	if s.stage != prepared && !s.gone {
		w.mu.Unlock()
		w.look(k)
		w.mu.Lock()
	}
	if s = w.at(k); s != nil && !s.lost {
		w.listing.wanted = w.listing.wanted || s.gone || s.stage == listening
		w.dueAt(s, now.Add(s.pace.interval()))
	}
}
