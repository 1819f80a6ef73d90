package trace

// live are the connections that are followed, in order of appearance.
type live struct {
	first, last *connection
	count       int
}

func (l *live) add(c *connection) {
	c.older, c.newer = l.last, nil
	if l.last == nil {
		l.first = c
	} else {
		l.last.newer = c
	}
	l.last = c
	l.count++
}

func (l *live) remove(c *connection) {
	if c.older == nil {
		l.first = c.newer
	} else {
		c.older.newer = c.newer
	}
	if c.newer == nil {
		l.last = c.older
	} else {
		c.newer.older = c.older
	}
	c.older, c.newer = nil, nil
	l.count--
}
