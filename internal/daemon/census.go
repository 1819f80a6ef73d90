package daemon

import (
	"allroads/internal/control"
	"allroads/internal/steering"
	"allroads/pathmanager"
)

// census are the connections that are known, whoever manages them.
type census struct {
	live map[pathmanager.Token]struct{}
	seen uint64
}

func (c *census) found(live []steering.Live) {
	before := c.live
	c.live = make(map[pathmanager.Token]struct{}, len(live))
	for _, l := range live {
		if _, known := before[l.Token]; !known {
			c.seen++
		}
		c.live[l.Token] = struct{}{}
	}
}

// heard counts, and passes on what happened to those who follow the events.
func (c *census) heard(w *worker, events []pathmanager.Event) {
	if c.live == nil {
		c.live = map[pathmanager.Token]struct{}{}
	}
	for i := range events {
		e := &events[i]
		switch e.Type {
		case pathmanager.Created, pathmanager.Established:
			if _, known := c.live[e.Token]; !known {
				c.live[e.Token] = struct{}{}
				c.seen++
			}
		case pathmanager.Closed:
			delete(c.live, e.Token)
		case pathmanager.ListenerCreated, pathmanager.ListenerClosed, pathmanager.Loss:
			continue
		}
		w.tellEvent(e)
	}
	if len(c.live) == 0 {
		c.live = nil // A map does not give memory back.
	}
}

func (c *census) fill(counts *control.Counts) {
	counts.Live, counts.Seen = uint64(len(c.live)), c.seen
}
