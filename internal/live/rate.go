package live

import "allroads/sockdiag"

// rate fills in a connection's rates, and notes its counters for the next Look.
func (p *period) rate(c *Connection) {
	now := p.note(c)
	before, known := p.past.connections[c.Cookie]
	if !known || p.seconds <= 0 {
		return
	}
	grown, ok := now.since(before.counts)
	if !ok {
		return
	}
	if now.told && before.told {
		c.Sent, c.Received = p.perSecond(grown.sent), p.perSecond(grown.received)
	}
	p.ratePaths(c, p.past.subflows[before.first:before.end], p.spare.subflows[now.first:now.end])
}

// note writes a connection's counters down. After a fallback they are those of
// its only subflow, since MPTCP hears of no acknowledgements any more.
func (p *period) note(c *Connection) entry {
	now := entry{first: len(p.spare.subflows)}
	if t := c.Info.Traffic; t != nil {
		now.counts, now.told = counts{t.BytesAcked, t.BytesReceived}, true
	}
	for i := range c.Subflows {
		f := &c.Subflows[i]
		p.spare.subflows = append(p.spare.subflows, tally{f.Local, f.Remote, countsOf(f)})
		if c.Info.Fallback {
			now.counts, now.told = countsOf(f), true
		}
	}
	now.end = len(p.spare.subflows)
	p.spare.connections[c.Cookie] = now
	return now
}

// ratePaths fills in the rates of subflows. One that was not there before has
// carried all its bytes since.
func (p *period) ratePaths(c *Connection, before, now []tally) {
	var all uint64
	for i := range now {
		all += now[i].grown(before).sum()
	}
	for i := range now {
		grown := now[i].grown(before)
		c.Paths[i].Sent, c.Paths[i].Received = p.perSecond(grown.sent), p.perSecond(grown.received)
		c.Paths[i].ShareNow = part(&p.numbers, grown.sum(), all)
	}
}

// grown is what a subflow has carried since earlier.
func (t *tally) grown(before []tally) counts {
	for i := range before {
		if before[i].local != t.local || before[i].remote != t.remote {
			continue
		}
		if since, ok := t.since(before[i].counts); ok {
			return since
		}
	}
	return t.counts
}

func (p *period) perSecond(bytes uint64) *float64 { return p.numbers.of(float64(bytes) / p.seconds) }

// countsOf leaves an acknowledged SYN out, which TCP counts.
func countsOf(f *sockdiag.Subflow) counts {
	return counts{min(f.TCP.BytesAcked, f.TCP.BytesSent), f.TCP.BytesReceived}
}
