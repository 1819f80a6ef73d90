package steering

import (
	"math"
	"time"

	"allroads/internal/policy"
)

const (
	// joinBound is how long a subflow may take to be established before it counts as
	// lost: the kernel sends its SYN after 0, 1, 3, 7 and 15 s.
	joinBound = 20 * time.Second
	// probeBound is that of paths that are waited for by a strategy with an active path.
	probeBound = 8 * time.Second
	// probeEvery is the longest time between two attempts on such a path.
	probeEvery = 10 * time.Second
	// stable is how long a subflow has to be there for its earlier failures to be forgotten.
	stable = moment(10 * time.Second)
	// shortest is the least time between two attempts.
	shortest = 10 * time.Millisecond
)

// fail makes a path wait for its next attempt, for the network to change, or for ever.
func (s *State) fail(c *connection, p *path, why policy.Cause) {
	s.rest(p)
	if why == policy.Unanswered {
		c.convict(p)
	}
	p.cause, p.reason = why, string(why)
	p.tries = min(p.tries+1, math.MaxUint16-1)
	switch wait, again := policy.Backoff(why, int(p.tries)); {
	case again:
		p.becomes(waiting, s.now)
		if c.intent != nil {
			wait = min(wait, probeEvery)
		}
		wait = policy.Jitter(wait, uint64(c.token)<<16|uint64(p.tries))
		p.next = s.after(max(wait, shortest))
	case policy.Final(why):
		p.becomes(givenUp, s.now)
	default:
		p.becomes(waiting, s.now)
	}
}

// overdue ends attempts that had neither success nor failure.
func (s *State) overdue(c *connection) {
	for _, p := range c.paths {
		if p.pending != "" && p.asked+moment(joinBound) <= s.now {
			p.pending = "" // The answer is lost.
		}
		if p.state == joining && p.next != 0 && p.next <= s.now {
			s.endAttempt(c, p)
		}
	}
}

// endAttempt gives up an attempt. The kernel may still be at it, for two minutes in all;
// it is stopped, for which its local port has to be looked for first.
func (s *State) endAttempt(c *connection, p *path) {
	switch {
	case p.local.Port() == 0 && !p.sought:
		p.sought, c.seeking = true, true
		p.next = s.after(time.Second)
		s.watch(c, c.measures)
		return
	case p.local.Port() != 0 && c.busy(p):
		p.next = s.after(time.Second)
		return
	case p.local.Port() != 0:
		s.ask(c, p, Destroy, "its handshake took too long")
		c.destroys(p)
	}
	c.tell(s.now, notMade, p, "neither success nor failure was heard of")
	s.fail(c, p, policy.Unanswered)
}

func (c *connection) joinBound() time.Duration {
	if c.intent != nil {
		return probeBound
	}
	return joinBound
}
