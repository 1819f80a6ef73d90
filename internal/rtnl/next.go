package rtnl

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Next waits until the Picture is another, and takes all that waits to be read. What
// changes nothing in the Picture does not end it, nor do times of addresses that are
// set anew; between messages it sleeps. lost says that messages were lost (too many
// at a time), and all was asked for again: the Picture is right, but what was
// meanwhile is not known. The error is the context's, or ErrClosed; after another one
// Next may be tried again, and begins by asking for everything. What was lost is said
// by the first Next without an error.
func (o *Observer) Next(ctx context.Context) (lost bool, err error) {
	for {
		err := o.step(ctx)
		switch {
		case o.closed.Load():
			return false, ErrClosed
		case err == nil && (o.publish() || o.lost):
			lost, o.lost = o.lost, false
			return lost, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case err != nil:
			o.again = true
			return false, fmt.Errorf("observe the network: %w", err)
		}
	}
}

// step waits for a message, if nothing is left to do, and brings the state up to date.
func (o *Observer) step(ctx context.Context) error {
	if !o.again && !o.state.doubts.any() {
		m, err := o.wait(ctx)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil:
			return o.lookAgain()
		case overrun(err):
			o.lose()
		case err != nil:
			return err
		}
		o.applyAll(m)
	}
	return o.settle()
}

// lose notes that messages were lost.
func (o *Observer) lose() {
	o.again, o.lost = true, true
	o.losses.Add(1)
}

// wait returns a datagram.
func (o *Observer) wait(ctx context.Context) ([]byte, error) {
	if err := o.events.conn.SetReadDeadline(o.due); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = o.events.conn.SetReadDeadline(time.Unix(1, 0)) // Long ago.
	})
	b, err := o.events.receive(true)
	if !stop() {
		<-done // The next deadline is set after this one.
	}
	return b, err
}

// overrun is what the kernel, or the buffer, had no room for.
func overrun(err error) bool { return errors.Is(err, unix.ENOBUFS) || errors.Is(err, errTruncated) }

// patience is how many rounds of questions there are before the caller hears of what
// is known so far.
const patience = 3

// settle reads all that waits, and asks for what is doubtful, until nothing is left.
// Under changes without an end it leaves the rest to the next step.
func (o *Observer) settle() error {
	for range patience {
		if err := o.drain(); err != nil {
			return err
		}
		var err error
		switch {
		case o.again:
			err = o.resync()
		case o.state.doubts.any():
			err = o.resolveDoubts()
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// drainLimit is how many datagrams are read before those that wait for the Picture
// get it.
const drainLimit = 1 << 16

// drain applies what waits. After a loss the kernel adds nothing until all was read.
func (o *Observer) drain() error {
	for range drainLimit {
		b, err := o.events.receive(false)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case overrun(err):
			o.lose()
		case err != nil:
			return err
		case !o.again: // Otherwise all is asked for in a moment.
			o.applyAll(b)
		}
	}
	return nil
}

func (o *Observer) applyAll(b []byte) {
	now := time.Now()
	for {
		m, rest, ok := split(b)
		if !ok {
			return
		}
		o.changed = o.state.apply(m, now) || o.changed
		b = rest
	}
}

// publish makes the state the Picture, and reports whether that is another one.
func (o *Observer) publish() bool {
	if !o.changed {
		return false
	}
	o.changed = false
	now := time.Now()
	p := o.state.snapshot(now)
	o.due = o.state.nextExpiry(now)
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.lives = maps.Clone(o.state.addresses)
	if o.picture != nil && o.picture.equal(p) {
		return false
	}
	o.picture = p
	return true
}
