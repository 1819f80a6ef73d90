package steering

import "time"

// A host that only receives has nothing outstanding when its path dies. So where a stream
// stops, the path is tried with a second subflow: its handshake tells a pause from a hole.

// suspicion is whether a path may be a hole.
type suspicion struct {
	stream uint8         // measurements in a row in which data moved
	since  moment        // that it is tried; 0: it is not
	rest   moment        // not before: it was a pause the last time
	wary   time.Duration // the length of the next rest
}

const (
	flowing   = 150 * time.Millisecond // longer silence is not a stream
	streaming = 5                      // measurements make one
	stopped   = 300 * time.Millisecond // silence that is suspicious after a stream
	// unanswered is how long a handshake may take, on paths with a short round trip.
	unanswered = 250 * time.Millisecond
	leastRest  = 10 * time.Second
	mostRest   = 5 * time.Minute
)

// watch follows a measurement.
func (u *suspicion) watch(now moment, f *LiveSubflow) {
	switch {
	case f.Silent < max(flowing, 2*f.RTT):
		u.stream = min(u.stream+1, streaming)
		u.since = 0
	case u.since != 0:
	case f.Silent > time.Second:
		u.stream = 0
	case u.stream == streaming && !f.Outstanding && f.Silent >= max(stopped, 3*f.RTT) && now >= u.rest:
		u.since, u.stream = now, 0
	}
}

// hole tells whether a path that is tried does not answer.
func (c *connection) hole(p *path, now moment, f *LiveSubflow) bool {
	if p.health.suspicion.since == 0 {
		return false
	}
	for _, o := range c.paths {
		if o != p && o.state == joining && o.is(p.local.Addr().Unmap(), plain(p.remote)) {
			return now-o.since >= moment(max(unanswered, 3*f.RTT))
		}
	}
	return false
}

// convict: an attempt on a path had no answer at all, so a subflow on it that was taken
// for stale on suspicion is. One handshake that takes long is not enough to close it: the
// host that only receives has nothing in it that could go on elsewhere.
func (c *connection) convict(tried *path) {
	for _, p := range c.paths {
		if p != tried && p.bad() && p.health.kind == stale && p.is(tried.local.Addr().Unmap(), plain(tried.remote)) {
			p.health.stuck = true
		}
	}
}

// relieve ends the suspicion against a path on which a handshake was completed: it was a
// pause, and the next is less suspicious.
func (c *connection) relieve(joined *path, now moment) {
	for _, p := range c.paths {
		if p == joined || p.health == nil || p.health.suspicion.since == 0 || !p.is(joined.local.Addr().Unmap(), plain(joined.remote)) {
			continue
		}
		u := &p.health.suspicion
		u.wary = min(max(2*u.wary, leastRest), mostRest)
		u.since, u.rest = 0, now+moment(u.wary)
	}
}

func (p *path) suspected() bool {
	return p != nil && p.health != nil && p.health.suspicion.since != 0
}
