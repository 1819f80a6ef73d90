package daemon

import (
	"time"

	"allroads/internal/policy"
)

// tries are the things that were refused, each by what it is, and when they are due
// again.
type tries map[string]*try

type try struct {
	failures int
	cause    policy.Cause
	err      error
	next     time.Time
}

// due tells whether something may be tried now.
func (t tries) due(what string, now time.Time) bool {
	try := t[what]
	return try == nil || !now.Before(try.next)
}

// failed notes a failure, and tells whether its cause is another than the last time:
// that is worth a line in the log.
func (t tries) failed(what string, err error, now time.Time) (news bool) {
	cause := policy.CauseOfError(err)
	one := t[what]
	if news = one == nil || one.cause != cause; news {
		one = &try{cause: cause}
		t[what] = one
	}
	one.failures++
	one.err = err
	one.next = now.Add(min(firstWait<<min(one.failures-1, 16), longestWait))
	return news
}

// Whatever the kernel refuses is tried again, as long as it is wanted: what the cause was
// may have passed, and not all of that is heard of.
const (
	firstWait   = 100 * time.Millisecond
	longestWait = time.Minute
)

// worked forgets the failures, and tells whether there were any.
func (t tries) worked(what string) bool {
	_, failed := t[what]
	delete(t, what)
	return failed
}

// changed makes everything due: the network is another one now.
func (t tries) changed(now time.Time) {
	for _, try := range t {
		try.next = now
	}
}

// only forgets what is not wanted any more.
func (t tries) only(wanted map[string]bool) {
	for what := range t {
		if !wanted[what] {
			delete(t, what)
		}
	}
}

// next is when the first is due.
func (t tries) next() (first time.Time, ok bool) {
	for _, try := range t {
		if !ok || try.next.Before(first) {
			first, ok = try.next, true
		}
	}
	return first, ok
}
