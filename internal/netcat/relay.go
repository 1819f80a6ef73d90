package netcat

import (
	"cmp"
	"context"
	"errors"
	"os"
	"time"
)

// longAgo is a deadline that ends all that waits.
var longAgo = time.Unix(1, 0)

// lastWords is how long what the peer has sent before it reset the connection may
// take to be read.
const lastWords = 5 * time.Second

// relay copies both ways until both have ended: each side may go on when the
// other has nothing more to say.
func (s *session) relay(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { _ = s.conn.SetDeadline(longAgo) })
	defer stop()
	if s.Idle > 0 {
		go s.watchIdle(ctx, cancel)
	}
	if s.NoPath > 0 {
		go s.watchPaths(ctx, cancel)
	}
	var up <-chan error
	if !s.RecvOnly {
		up = concurrently(func() error { return s.send(ctx, cancel) })
	}
	return s.await(ctx, up, concurrently(s.receive))
}

func concurrently(copy func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- copy() }()
	return done
}

// await decides what the end of one direction means to the other.
func (s *session) await(ctx context.Context, up, down <-chan error) (err error) {
	var quit <-chan time.Time
	for {
		select {
		case failed := <-up:
			up = nil
			if failed != nil {
				if ctx.Err() != nil || !errors.As(failed, new(*PeerError)) {
					return cause(ctx, failed)
				}
				err = failed
				_ = s.conn.SetReadDeadline(time.Now().Add(lastWords))
			}
			if down != nil && err == nil && (s.SendOnly || s.follows) {
				s.arrive(ctx, down)
				down = nil
			}
			if down == nil {
				return cause(ctx, err)
			}
			if s.Quit != nil {
				quit = time.After(*s.Quit)
			}
		case failed := <-down:
			down = nil
			if errors.Is(failed, os.ErrDeadlineExceeded) {
				failed = nil // It is err that counts.
			}
			if failed = cmp.Or(failed, err); failed != nil || up == nil || s.Interactive {
				return cause(ctx, failed)
			}
		case <-quit:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// arrive waits until the peer has all that was sent. Closed before, while the peer
// goes on talking, the connection would be reset, and what is on its way be lost.
func (s *session) arrive(ctx context.Context, down <-chan error) {
	for pause := time.Millisecond; queued(s.conn) > 0; pause = min(2*pause, 50*time.Millisecond) {
		select {
		case <-time.After(pause):
		case <-down:
			return
		case <-ctx.Done():
			return
		}
	}
}

// cause is why a copy has ended: ctx, if that has.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
