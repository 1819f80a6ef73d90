package netcat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// longAgo is a deadline that ends all that waits.
var longAgo = time.Unix(1, 0)

// lastWords is how long what the peer has sent before it reset the connection may
// take to be read, and how long the peer may take to take in anything of the last
// that is sent.
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
				_ = s.arrive(ctx, down, 0)
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
			return cause(ctx, cmp.Or(err, s.arrive(ctx, down, lastWords)))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// arrive waits until the peer has all that was sent. Closed before, while the peer
// goes on talking, the connection would be reset, and what is on its way be lost. It
// gives up when less is not left for a while; 0: never.
func (s *session) arrive(ctx context.Context, down <-chan error, patience time.Duration) (err error) {
	const shortest, longest = time.Millisecond, 50 * time.Millisecond
	left, at := queued(s.conn), time.Now()
	for pause := shortest; left > 0; pause = min(2*pause, longest) {
		select {
		case <-time.After(pause):
		case err := <-down:
			return err
		case <-ctx.Done():
			return nil
		}
		if now := queued(s.conn); now < left {
			left, at = now, time.Now()
		} else if patience > 0 && time.Since(at) >= patience {
			return &PeerError{fmt.Errorf("send to %s: %d bytes have not arrived for %v", s.peer, left, patience)}
		}
	}
	return nil
}

// cause is why a copy has ended: ctx, if that has.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
