package bench

import (
	"slices"
	"time"
)

// IntervalSchema names the form of an interval that is a JSON value of its own.
const IntervalSchema = "allroads.bench.interval/1"

// Interval is what went in a part of a test's time, by the client's clock.
// Upload is what the server's kernel has acknowledged, each byte once where the
// kernel tells; download what was delivered to this program.
type Interval struct {
	Began    time.Duration `json:"began"` // since the test did
	Ended    time.Duration `json:"ended"`
	Upload   *Part         `json:"upload,omitempty"`
	Download *Part         `json:"download,omitempty"`
}

// Part is one direction of an Interval.
type Part struct {
	Bytes   uint64  `json:"bytes"`
	Goodput float64 `json:"goodput"`
	Paths   []Path  `json:"paths"`
}

// meter makes intervals.
type meter struct {
	c         *client
	intervals []*Interval
	began     time.Duration
	up, down  Part // up to then
}

func newMeter(c *client) *meter { return &meter{c: c} }

// ticks come when an interval ends.
func (m *meter) ticks() (<-chan time.Time, func()) {
	if m.c.o.Interval <= 0 {
		return nil, func() {}
	}
	t := time.NewTicker(m.c.o.Interval)
	return t.C, t.Stop
}

// last is the interval that the test's end has cut short, if it is worth it.
func (m *meter) last() {
	now := time.Now()
	if m.c.o.Interval > 0 && now.Sub(m.c.party.began)-m.began > m.c.o.Interval/4 {
		m.interval(now)
	}
}

func (m *meter) interval(now time.Time) {
	p := m.c.party
	p.look()
	i := &Interval{Began: m.began, Ended: now.Sub(p.began)}
	var up, down Part
	for _, s := range p.streams {
		up.Bytes += s.tally.acked()
		down.Bytes += s.delivered()
	}
	up.Paths, down.Paths = m.paths(true), m.paths(false)
	if p.sends() || p.params.Mode == Latency {
		i.Upload = up.since(&m.up, i.Ended-i.Began)
	}
	if p.receives() || p.params.Mode == Latency {
		i.Download = down.since(&m.down, i.Ended-i.Began)
	}
	m.began, m.up, m.down = i.Ended, up, down
	m.intervals = append(m.intervals, i)
	if m.c.o.Observer.Interval != nil {
		m.c.o.Observer.Interval(i)
	}
}

// paths are what went since the test began.
func (m *meter) paths(up bool) []Path {
	f := new(Flow)
	for i, s := range m.c.party.streams {
		report := s.report()
		if up {
			f.Subflows = append(f.Subflows, pairUp(i, nil, &report, true, m.c.places)...)
		} else {
			f.Subflows = append(f.Subflows, pairUp(i, &report, nil, false, m.c.places)...)
			f.addTimes(report.Subflows)
		}
	}
	return pathsOf(f)
}

// addTimes gives received subflows the times that this end measured.
func (f *Flow) addTimes(counts []Counts) {
	for _, c := range counts {
		for i := range f.Subflows {
			if s := &f.Subflows[i]; s.Client == c.Local && s.Server == c.Remote && c.RTT > 0 {
				s.RTT = &c.RTT
			}
		}
	}
}

// since is what is new. Paths stay in an order of their own, so that lines below
// each other are about the same.
func (p *Part) since(before *Part, lasted time.Duration) *Part {
	d := &Part{Bytes: p.Bytes - before.Bytes}
	d.Goodput = rate(d.Bytes, lasted)
	for _, path := range p.Paths {
		for _, old := range before.Paths {
			if old.Place == path.Place {
				path.Bytes -= min(old.Bytes, path.Bytes)
				path.Retransmitted -= min(old.Retransmitted, path.Retransmitted)
			}
		}
		path.Goodput = goodput(path.Bytes, lasted)
		d.Paths = append(d.Paths, path)
	}
	slices.SortFunc(d.Paths, func(a, b Path) int {
		if c := a.Client.Compare(b.Client); c != 0 {
			return c
		}
		return a.Server.Compare(b.Server)
	})
	return d
}

func rate(bytes uint64, lasted time.Duration) float64 {
	if g := goodput(bytes, lasted); g != nil {
		return *g
	}
	return 0
}
