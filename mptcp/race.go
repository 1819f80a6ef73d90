package mptcp

import (
	"context"
	"fmt"
	"time"
)

const defaultRaceDelay = 250 * time.Millisecond

// race has attempts run for the first that becomes a connection.
type race struct {
	delay    time.Duration
	runners  []runner
	begun    int
	running  int
	next     *time.Timer // when another may begin
	finish   chan finish
	failures []error
}

// runner is an attempt that may have failed before it could begin.
type runner struct {
	from    string
	attempt *attempt
	err     error
}

// run is for an attempt without competition, which needs no goroutine.
func (r runner) run(ctx context.Context) (*Conn, error) {
	if r.err != nil {
		return nil, r.err
	}
	return r.attempt.run(ctx)
}

type finish struct {
	from string
	conn *Conn
	err  error
}

func (r *race) add(from string, attempt *attempt, err error) {
	r.runners = append(r.runners, runner{from, attempt, err})
}

// run begins one attempt after the other, and returns when none is under way.
func (r *race) run(ctx context.Context) (*Conn, error) {
	if len(r.runners) == 1 {
		return r.runners[0].run(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer r.end(cancel)
	r.finish = make(chan finish, len(r.runners))
	r.next = time.NewTimer(r.delay)
	defer r.next.Stop()
	for r.begin(ctx); r.running > 0; {
		select {
		case <-r.next.C:
			r.begin(ctx)
		case f := <-r.finish:
			r.running--
			if f.err == nil {
				return f.conn, nil
			}
			r.fail(f.from, f.err)
			r.begin(ctx)
		}
	}
	if err := ctx.Err(); err != nil && r.begun < len(r.runners) {
		r.failures = append(r.failures, err) // What has not begun does not say so.
	}
	return nil, joinFailures(r.failures)
}

// begin has the next attempt begin that can, unless the context has ended.
func (r *race) begin(ctx context.Context) {
	for r.begun < len(r.runners) && ctx.Err() == nil {
		next := r.runners[r.begun]
		r.begun++
		if next.err != nil {
			r.fail(next.from, next.err)
			continue
		}
		r.running++
		go func() {
			conn, err := next.attempt.run(ctx)
			r.finish <- finish{next.from, conn, err}
		}()
		r.next.Reset(r.delay)
		return
	}
}

func (r *race) fail(from string, err error) {
	r.failures = append(r.failures, fmt.Errorf("from %s: %w", from, err))
}

// end stops the losers and closes what they have.
func (r *race) end(cancel context.CancelFunc) {
	cancel()
	for ; r.running > 0; r.running-- {
		if f := <-r.finish; f.err == nil {
			f.conn.Close()
		}
	}
	for _, left := range r.runners[r.begun:] {
		if left.err == nil {
			left.attempt.close()
		}
	}
}
