package daemon

import (
	"time"

	"allroads/internal/steering"
	"allroads/sockdiag"
)

// soonest is how soon after something happened it is asked whether anything is to be
// measured: not for each event.
const soonest = 20 * time.Millisecond

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
	if len(tokens) > 0 && every > 0 && now.Sub(u.measured) >= every {
		var live []steering.Live
		u.look(tokens, func(c *sockdiag.Connection) { live = append(live, u.w.live(c)) })
		u.measured = now
		u.step(now, steering.Measured{Connections: live})
		tokens, every = u.state.Measure()
	}
	u.moved, u.measure = false, time.Time{}
	if len(tokens) > 0 && every > 0 {
		u.measure = u.measured.Add(every)
	}
}
