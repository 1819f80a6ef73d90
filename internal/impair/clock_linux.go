package impair

import "time"

// A clock tells the time since a link was opened, which steps of the system's
// clock leave alone.
type clock struct {
	base time.Time
}

// A moment is one reading of the clock.
type moment struct {
	since time.Duration // the link was opened
	wall  int64         // nanoseconds of CLOCK_REALTIME
}

func (c clock) read() moment {
	now := time.Now()
	return moment{now.Sub(c.base), now.UnixNano()}
}

// plausible is how long a frame may have waited in the ring; when it seems longer,
// the system's clock was set meanwhile.
const plausible = time.Second

// when turns a time of CLOCK_REALTIME around now into the link's.
func (m moment) when(wall int64) time.Duration {
	ago := time.Duration(m.wall - wall)
	if ago < -plausible || ago > plausible {
		ago = 0
	}
	return m.since - ago
}
