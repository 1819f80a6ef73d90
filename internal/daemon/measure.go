package daemon

import (
	"runtime"
	"time"

	"allroads/internal/steering"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// soonest is how soon after something happened it is asked whether anything is to be
// measured: not for each event.
const soonest = 20 * time.Millisecond

// share is the part of a processor that measuring takes at most: one in so many. The kernel
// goes through all connections for it, so where there are many it is done less often.
const share = 10

// due is when steering has to be woken, or measured for.
func (u *userPaths) due() (first time.Time, some bool) {
	if u.moved {
		u.moved = false
		if soon := time.Now().Add(soonest); u.measure.IsZero() || soon.Before(u.measure) {
			u.measure = soon
		}
	}
	first, some = u.state.Wake()
	if !u.measure.IsZero() && (!some || u.measure.Before(first)) {
		first, some = u.measure, true
	}
	return first, some
}

func (u *userPaths) tick(now time.Time) {
	if due, some := u.state.Wake(); some && !now.Before(due) {
		u.step(now, steering.Tick{})
	}
	defer u.tell()
	if !u.measure.IsZero() && !now.Before(u.measure) {
		u.takeMeasure(now)
	}
}

// takeMeasure looks at the connections whose paths steering wants to know about, if it
// is time, and finds out when it will be.
func (u *userPaths) takeMeasure(now time.Time) {
	tokens, every := u.state.Measure()
	if len(tokens) > 0 && every > 0 && now.Sub(u.measured) >= u.bounded(every) {
		var live []steering.Live
		u.took = processor(func() {
			u.look(tokens, func(c *sockdiag.Connection) { live = append(live, u.w.live(c)) })
		})
		u.measured = now
		u.step(now, steering.Measured{Connections: live})
		tokens, every = u.state.Measure()
	}
	u.moved, u.measure = false, time.Time{}
	if len(tokens) > 0 && every > 0 {
		u.measure = u.measured.Add(u.bounded(every))
	}
}

// bounded is how often is measured, as far as it takes no more than its share.
func (u *userPaths) bounded(every time.Duration) time.Duration { return max(every, share*u.took) }

// processor runs fn and tells how long a processor was busy with it, be it here or in the
// kernel: not the time that passes, which on a busy machine is longer.
func processor(fn func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	fn()
	return threadTime() - before
}

func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
