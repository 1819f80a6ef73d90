package daemon

import "time"

// alarm is the one timer of a worker. Where nothing is due it does not run, so that an
// idle allroadsd never wakes up.
type alarm struct {
	timer *time.Timer
	at    time.Time // zero: not set
}

// set has it ring at a time, or not at all.
func (a *alarm) set(at time.Time, some bool) {
	switch {
	case !some && a.timer != nil:
		a.timer.Stop()
		a.at = time.Time{}
	case some && a.timer == nil:
		a.timer, a.at = time.NewTimer(time.Until(at)), at
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
