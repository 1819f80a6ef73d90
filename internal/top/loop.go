package top

import (
	"context"
	"errors"
	"time"

	"allroads/internal/fullscreen"
	"allroads/internal/live"
)

// eventsTogether is for how long events are collected before they are drawn: they
// come by the thousands.
const eventsTogether = 50 * time.Millisecond

// loop shows what keys, looks and events make of the model.
func (r *run) loop(ctx context.Context, watch watch) error {
	r.terminal.Go(func() { r.look(ctx, watch) })
	r.plan()
	for {
		if err := r.draw(); err != nil {
			return err
		}
		if over, err := r.await(ctx); over || err != nil {
			return err
		}
	}
}

// await waits until there is something new to draw.
func (r *run) await(ctx context.Context) (over bool, err error) {
	for {
		select {
		case <-ctx.Done():
			return true, context.Cause(ctx)
		case key := <-r.terminal.Keys():
			return r.press(key)
		case l := <-r.looks:
			r.take(l)
			return false, nil
		case <-r.timer.C:
			r.want()
		case e := <-r.events:
			r.model.happen(e)
			if !r.settling {
				r.settling = true
				r.settle.Reset(eventsTogether)
			}
		case <-r.settle.C:
			r.settling = false
			return false, nil
		}
	}
}

func (r *run) press(key fullscreen.Key) (over bool, err error) {
	switch key {
	case fullscreen.Gone:
		return true, ErrGone
	case fullscreen.Redraw:
	case fullscreen.CtrlL:
		r.terminal.Refresh()
	default:
		interval, owners, paused := r.model.interval, r.model.owners, r.model.paused
		over = r.model.press(key)
		if owners != r.model.owners {
			r.want()
		} else if interval != r.model.interval || paused != r.model.paused {
			r.plan()
		}
	}
	return over, nil
}

// plan sets the time of the next look.
func (r *run) plan() {
	r.timer.Stop()
	if !r.model.paused && !r.busy {
		// What takes long may not take more than half of the time.
		r.timer.Reset(max(r.took, r.model.interval-time.Since(r.since)))
	}
}

// want asks for a look. While one is on its way, the next is asked for after it.
func (r *run) want() {
	if r.busy {
		return
	}
	r.timer.Stop()
	r.busy, r.since = true, time.Now()
	r.wanted <- r.model.owners
}

func (r *run) take(l looked) {
	r.busy, r.took = false, time.Since(r.since)
	if l.snapshot != nil {
		r.ears.leave(l.snapshot.Lost)
	} else if errors.Is(l.err, live.ErrLost) {
		r.ears.close()
		r.model.heard, r.model.deaf = nil, cameLater
	}
	r.model.look(l.snapshot, l.err)
	r.plan()
}
