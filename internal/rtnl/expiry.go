package rtnl

import (
	"errors"
	"time"
)

// lookAgain asks for the routes whose time is over: a router's advertisement makes it
// longer without a message.
func (o *Observer) lookAgain() (err error) {
	now, makers := time.Now(), map[uint8]bool{}
	o.changed = true
	for _, r := range o.state.routes {
		if !r.expires.IsZero() && !r.expires.After(now) {
			makers[r.protocol] = true
		}
	}
	for protocol := range makers {
		err = errors.Join(err, o.dumpRoutes(o.state, 0, protocol))
	}
	return err
}

// expirySlack is how long after its end a route is asked for: the kernel counts in
// hundredths of a second.
const expirySlack = 30 * time.Millisecond

// expiredInterval is how often it is asked for until the kernel throws it away, half a
// minute later at most: it may come to life again without a message.
const expiredInterval = time.Second

// nextExpiry is when to ask for routes that end, zero: there are none.
func (s *state) nextExpiry(now time.Time) (first time.Time) {
	for _, r := range s.routes {
		if r.expires.IsZero() {
			continue
		}
		end := r.expires.Add(expirySlack)
		if !end.After(now) {
			end = now.Add(expiredInterval)
		}
		if first.IsZero() || end.Before(first) {
			first = end
		}
	}
	return first
}
