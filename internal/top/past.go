package top

import (
	"net/netip"
	"time"

	"allroads/internal/live"
	"allroads/sockdiag"
)

// samples is how many looks are remembered: four minutes, a second each.
const samples = 240

// past is what connections have done lately: those that were on the screen, so that
// it costs little to watch a few of many.
type past map[identity]*memory

// memory is the past of one connection.
type memory struct {
	times    [samples]time.Time // of the looks, a ring
	looks    int                // so many there were
	subflows map[pair]*series
}

// pair names a subflow within its connection.
type pair struct{ local, remote netip.AddrPort }

func pairOf(s *sockdiag.Subflow) pair { return pair{s.Local, s.Remote} }

// series are what a subflow was like at each look of its connection's memory, as
// rings; less than 0 is not known.
type series struct {
	first     int // the look at which it began
	last      int // at which it was seen last
	rate, rtt [samples]float32

	seen seen
}

// remember adds the latest look to the past of what is on the screen, and forgets
// what has not been there for long.
func (m *model) remember() {
	now := m.snapshot.At
	last := min(m.shown.first+m.shown.height, len(m.rows))
	for i := m.shown.first; i < last; i++ {
		m.recall(m.rows[i], now)
	}
	if c := m.connection(); c != nil && (m.cursor < m.shown.first || m.cursor >= last) {
		m.recall(c, now)
	}
	for id, memory := range m.past {
		if now.Sub(memory.latest()) > samples*m.interval {
			delete(m.past, id)
		}
	}
}

func (m *model) recall(c *live.Connection, now time.Time) {
	id := identify(c)
	found := m.past[id]
	if found == nil {
		found = &memory{subflows: map[pair]*series{}}
		m.past[id] = found
	}
	first := found.looks == 0
	found.add(c, now)
	for _, change := range found.changes(c, m.heard[c.Space]) {
		if !first {
			m.journal.add(entry{now, c.Space, c.Info.Token, change.style, change.text})
		}
	}
	found.forget()
}

func (p *memory) latest() time.Time { return p.times[(p.looks-1+samples)%samples] }

func (p *memory) add(c *live.Connection, now time.Time) {
	at := p.looks
	p.looks++
	p.times[at%samples] = now
	for i := range c.Subflows {
		s := &c.Subflows[i]
		found := p.subflows[pairOf(s)]
		if found == nil {
			found = &series{first: at, last: at - 1}
			p.subflows[pairOf(s)] = found
		}
		for missed := found.last + 1; missed < at; missed++ {
			found.rate[missed%samples], found.rtt[missed%samples] = -1, -1
		}
		found.last = at
		found.rate[at%samples], found.rtt[at%samples] = rateOf(&c.Paths[i]), rttOf(s)
	}
}

// forget drops the subflows that the latest look did not have.
func (p *memory) forget() {
	for pair, series := range p.subflows {
		if series.last < p.looks-1 {
			delete(p.subflows, pair)
		}
	}
}

func rateOf(p *live.Path) float32 { return float32(known(both(p.Sent, p.Received))) }

func rttOf(s *sockdiag.Subflow) float32 {
	if s.TCP.RTT == 0 {
		return -1
	}
	return float32(s.TCP.RTT.Seconds())
}

// recent are the latest values of a ring, the newest last; there are fewer than n
// where the series is younger.
func (p *memory) recent(s *series, ring *[samples]float32, n int) []float32 {
	n = min(n, samples, p.looks-s.first)
	values := make([]float32, 0, max(n, 0))
	for at := p.looks - n; at < p.looks; at++ {
		values = append(values, ring[at%samples])
	}
	return values
}

// span is how far back n looks go.
func (p *memory) span(n int) time.Duration {
	n = min(n, samples, p.looks)
	if n < 2 {
		return 0
	}
	return p.latest().Sub(p.times[(p.looks-n)%samples])
}
