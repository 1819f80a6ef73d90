package watch

import "allroads/mptcp"

// Report returns what was seen so far. It looks at nothing: see Look.
func (w *Watcher) Report() Connections {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.counts
	for i := range w.sockets {
		if s := &w.sockets[i]; s.stage > prepared {
			c.add(s)
		}
	}
	for k, a := range w.accepted {
		c.addAccepted(k, a)
	}
	c.unknown[tooManyAccepted] = w.listing.beyond
	return c.report()
}

func (c *counts) report() Connections {
	r := Connections{
		Sockets: c.sockets, Failed: c.failed, Unconnected: c.unconnected,
		Listening: c.listening, Bytes: c.bytes,
		Subflows: histogram(&c.subflows), Causes: []Cause{}, Unknown: []Unknown{},
		Accepted: Accepted{FallenBack: c.acceptedFallen, TCP: c.plain, Subflows: histogram(&c.acceptedSubflows)},
	}
	r.MPTCP, r.Accepted.MPTCP = sum(r.Subflows), sum(r.Accepted.Subflows)
	for cause, n := range c.fallen {
		if n > 0 {
			r.FallenBack += n
			r.Causes = append(r.Causes, Cause{mptcp.FallbackCause(cause).String(), n})
		}
	}
	r.Connected = r.MPTCP + r.FallenBack
	for i, n := range c.unknown {
		if n > 0 {
			r.Unknown = append(r.Unknown, Unknown{reasonTexts[i], n})
		}
	}
	return r
}

// histogram lists the most subflows first.
func histogram(counts *[256]int) []Subflows {
	list := []Subflows{}
	for n := len(counts) - 1; n >= 0; n-- {
		if counts[n] > 0 {
			list = append(list, Subflows{n, counts[n]})
		}
	}
	return list
}

func sum(list []Subflows) (n int) {
	for _, s := range list {
		n += s.Connections
	}
	return n
}
