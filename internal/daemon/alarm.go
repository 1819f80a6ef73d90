package daemon

import (
	"math"
	"time"
)

// alarm is the one timer of a worker. Where nothing is due it does not run, so that an
// idle allroadsd never wakes up.
type alarm struct {
	timer *time.Timer
	at    time.Time // zero: not set
}

// make makes the timer, which is the same from the first set on: another goroutine may
// call set than the one that waits, in turn with it.
func (a *alarm) make() {
	if a.timer == nil {
		a.timer = time.NewTimer(never)
		a.timer.Stop()
	}
}

const never = time.Duration(math.MaxInt64)

// set has it ring at a time, or not at all.
func (a *alarm) set(at time.Time, some bool) {
	a.make()
	switch {
	case !some && !a.at.IsZero():
		a.timer.Stop()
		a.at = time.Time{}
	case some && !at.Equal(a.at):
		a.timer.Reset(time.Until(at))
		a.at = at
	}
}

// rings returns where it rings.
func (a *alarm) rings() <-chan time.Time {
	if a.timer == nil {
		return nil
	}
	return a.timer.C
}

// rang has to be told: the next set is for another time.
func (a *alarm) rang() { a.at = time.Time{} }
