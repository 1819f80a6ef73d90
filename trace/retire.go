package trace

// How long a connection is kept that nothing more is seen of, in nanoseconds of
// the packets' time: without an open subflow, one may still join; with one, it may
// go on after a silence.
const (
	restWithout = 60e9
	restWith    = 600e9
	restCrowded = 10e9 // with more than maxOpen connections
)

// maxOpen is how many connections are followed before silent ones are given up
// sooner, and sweepEvery how often silent ones are looked for.
const (
	maxOpen    = 1 << 16
	sweepEvery = 10e9
)

// Yield has each connection given to fn when it is over, valid until fn returns,
// and no longer kept for Report, so that memory grows with what is open at once. Over is a connection
// whose subflows are closed, with all data acknowledged or after a minute; of which
// nothing was seen for ten minutes, or for ten seconds when 65,536 others are open;
// and any when End is called.
func (a *Analyzer) Yield(fn func(*Connection)) { a.yield = fn }

// End is for when there are no more packets: it gives away what is open.
func (a *Analyzer) End() {
	for a.live.first != nil {
		a.retire(a.live.first)
	}
}

// unlist takes a connection out of the analyzer's lists.
func (a *Analyzer) unlist(conn *connection) {
	for i := range conn.keys {
		if token := conn.keys[i].token; a.tokens[token].conn == conn {
			delete(a.tokens, token)
		}
	}
	for _, flow := range conn.subflows {
		if flow.listed {
			a.forget(flow)
			a.closed.add(flow)
		}
	}
	a.disown(conn)
	a.live.remove(conn)
}

// retire lets go of a connection, of which no more than the report is kept.
func (a *Analyzer) retire(conn *connection) {
	a.unlist(conn)
	if conn.payload != nil {
		conn.hand()
	}
	if a.yield == nil {
		a.done = append(a.done, a.connection(conn))
		return
	}
	a.fill(&a.over, conn)
	a.judgeOver(&a.over)
	a.yield(&a.over)
	a.spare.give(conn)
}

// sweep looks for connections that have been silent for long.
func (a *Analyzer) sweep(now int64) {
	a.swept = now
	for conn := a.live.first; conn != nil; {
		next := conn.newer
		rest := int64(restWith)
		switch {
		case conn.open == 0:
			rest = restWithout
		case a.live.count > maxOpen:
			rest = restCrowded
		}
		if now-conn.last() > rest {
			a.retire(conn)
		}
		conn = next
	}
}

// last is when a packet of the connection was seen.
func (c *connection) last() (at int64) {
	for _, flow := range c.subflows {
		at = max(at, flow.last)
	}
	return at
}
