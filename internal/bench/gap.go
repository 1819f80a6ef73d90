package bench

import "time"

// Gap is a time in which the receiving program got no data. It is seen as the
// program sees it: to about a millisecond, more where the system is busy.
type Gap struct {
	Began      time.Duration `json:"began"` // since the first byte
	Lasted     time.Duration `json:"lasted"`
	Connection int           `json:"connection"` // from 1
	Open       bool          `json:"open"`       // it had not ended when the test did
}

// gaps finds the longest time between arrivals.
type gaps struct {
	last    time.Time
	longest Gap
	first   time.Time
}

// arrival counts data that came now.
func (g *gaps) arrival(now time.Time) {
	if g.last.IsZero() {
		g.first = now
	} else {
		g.consider(now, false)
	}
	g.last = now
}

// end counts the time since the last arrival, if there was any.
func (g *gaps) end(now time.Time) {
	if !g.last.IsZero() {
		g.consider(now, true)
	}
}

func (g *gaps) consider(now time.Time, open bool) {
	if lasted := now.Sub(g.last); lasted > g.longest.Lasted {
		g.longest = Gap{Began: g.last.Sub(g.first), Lasted: lasted, Open: open}
	}
}
