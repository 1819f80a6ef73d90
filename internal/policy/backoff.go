package policy

import "time"

// retry is how a cause is dealt with: the first wait, which doubles with each failure up
// to the longest. A first of 0: not before something changes.
type retry struct{ first, longest time.Duration }

// retries is the table of Backoff. RFC 8684 section 3.6 wants no subflow made again on
// the same path after a reset whose flag T says that its cause does not pass. Linux
// leaves the flag 0 with causes that do pass, so that is taken at its word for a
// middlebox and for errors of the protocol; the others are tried again late.
var retries = map[Cause]retry{
	Ended:          {10 * time.Second, 10 * time.Minute},
	Unanswered:     {2 * time.Second, 5 * time.Minute},
	Refused:        {5 * time.Second, 10 * time.Minute},
	Reset:          {time.Second, 5 * time.Minute},
	ProtocolError:  {},
	NoResources:    {10 * time.Second, 10 * time.Minute},
	Prohibited:     {10 * time.Minute, 2 * time.Hour},
	TooMuchData:    {5 * time.Second, 5 * time.Minute},
	BadPerformance: {30 * time.Second, 10 * time.Minute},
	Middlebox:      {},
	Transient:      {10 * time.Second, 10 * time.Minute},
	Unreachable:    {time.Second, 5 * time.Minute},
	NoRoute:        {},
	NoAddress:      {},
	NoDevice:       {},
	Down:           {},
	Forbidden:      {5 * time.Minute, time.Hour},
	Short:          {time.Second, time.Minute},
	Full:           {},
	Exists:         {},
	Gone:           {},
	OtherManager:   {},
	Unsupported:    {},
	Unknown:        {10 * time.Second, 10 * time.Minute},
}

// Backoff tells how long to wait after so many failures in a row, 1 and more, before a
// subflow is tried again. Again is false where only a change of the network (or of the
// connection) can help: no time limit, and no trying.
func Backoff(cause Cause, failures int) (wait time.Duration, again bool) {
	r, known := retries[cause]
	if !known {
		r = retries[Unknown]
	}
	if r.first == 0 {
		return 0, false
	}
	wait = r.first
	for n := 1; n < failures && wait < r.longest; n++ {
		wait *= 2
	}
	return min(wait, r.longest), true
}

// Final tells whether a cause holds for the path as long as the connection lives: a
// change of the network does not make it try again.
func Final(cause Cause) bool {
	switch cause {
	case ProtocolError, Middlebox, Gone, OtherManager, Unsupported:
		return true
	}
	return false
}

// Jitter spreads waits over three quarters to five quarters of their length, so that what
// was lost at once is not tried again at once. The same seed gives the same wait.
func Jitter(wait time.Duration, seed uint64) time.Duration {
	// The mixing of SplitMix64: neighbouring seeds come out far apart.
	seed += 0x9e3779b97f4a7c15
	seed = (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
	seed = (seed ^ seed>>27) * 0x94d049bb133111eb
	part := float64((seed^seed>>31)>>11) / (1 << 53)
	return wait*3/4 + time.Duration(float64(wait)/2*part)
}
