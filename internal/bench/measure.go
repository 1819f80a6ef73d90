package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// measure lets the test happen, and gets what the server saw of it.
func (c *client) measure(ctx context.Context) error {
	streams := make([]*stream, len(c.conns))
	for i, conn := range c.conns {
		streams[i] = newStream(conn, i)
		if err := streams[i].tally.begin(); err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
	}
	party := newParty(&c.o.Params, streams, true)
	c.party = party
	c.places = readPlaces()
	c.meter = newMeter(c)
	c.connected()
	if err := c.control.send(&message{Type: typeGo}); err != nil {
		return err
	}
	party.run()
	err := c.follow(ctx)
	party.finish()
	c.meter.last()
	return errors.Join(err, c.conclude(err))
}

func (c *client) connected() {
	if c.o.Observer.Connected != nil {
		c.o.Observer.Connected(c.connections())
	}
}

// follow waits until all directions have ended.
func (c *client) follow(ctx context.Context) error {
	look := time.NewTicker(sampling)
	defer look.Stop()
	tick, stop := c.meter.ticks()
	defer stop()
	own, their := c.party.finishes(), c.o.Params.Mode != Latency && c.o.Params.goes(Upload)
	received := c.party.received
	for own || their {
		select {
		case <-look.C:
			c.party.look()
		case now := <-tick:
			c.meter.interval(now)
		case <-received:
			own, received = false, nil
			if err := c.control.send(&message{Type: typeDone}); err != nil {
				return err
			}
		case m, ok := <-c.control.in:
			if err := c.heard(m, ok); err != nil {
				return err
			}
			their = false
			c.party.stop()
		case <-c.party.broken:
			return errBroken
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// heard takes a message in during the test, which ought to be that the server
// has received all.
func (c *client) heard(m *message, ok bool) error {
	switch {
	case !ok:
		return fmt.Errorf("the server: %w", c.control.err)
	case m.Type == typeDone:
		return nil
	case m.Type == typeReport:
		c.theirs = m.Report
		return errors.New(m.Reason)
	}
	return fmt.Errorf("the server sent a %q out of turn", m.Type)
}

// conclude says that the test is over and takes the server's report, if it has not
// come.
func (c *client) conclude(why error) error {
	if c.theirs != nil {
		return nil
	}
	if err := c.control.send(&message{Type: typeFinish}); err != nil {
		return nothingMore(why, err)
	}
	until := time.Now().Add(lastWords)
	for {
		m, err := c.control.next(time.Until(until))
		if err != nil {
			return nothingMore(why, err)
		}
		if m.Type == typeReport {
			c.theirs = m.Report
			return nil
		}
	}
}

// nothingMore is the error of a report that did not come, where there is no other.
func nothingMore(why, err error) error {
	if why != nil {
		return nil
	}
	return fmt.Errorf("wait for the server's report: %w", err)
}
