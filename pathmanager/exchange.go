package pathmanager

import (
	"context"

	"golang.org/x/sys/unix"
)

// Commands of the family (enum in uapi/linux/mptcp_pm.h).
const (
	cmdAddAddr        = 1
	cmdDelAddr        = 2
	cmdGetAddr        = 3
	cmdFlushAddrs     = 4
	cmdSetLimits      = 5
	cmdGetLimits      = 6
	cmdSetFlags       = 7
	cmdAnnounce       = 8
	cmdRemove         = 9
	cmdSubflowCreate  = 10
	cmdSubflowDestroy = 11
)

// Attributes of commands.
const (
	attrAddr        = 1 // a nest of those in address.go
	attrRcvAddAddrs = 2
	attrSubflows    = 3
	attrToken       = 4
	attrLocID       = 5
	attrAddrRemote  = 6
)

// command is a request that the kernel answers with no more than yes or no.
func (c *Conn) command(ctx context.Context, number uint8, message attributes) error {
	return c.request(ctx, number, unix.NLM_F_ACK, message, nil)
}

// request sends one command; answer is called with each reply. When ctx ends
// before that is over, answer may still be called: see await.
//
// Whoever sent a request also reads its answers: a cancelled call leaves that to
// the goroutine that is at it, which keeps the turn until then.
func (c *Conn) request(ctx context.Context, number uint8, flags uint16, message attributes, answer func([]byte) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	_, err := await(ctx, func() (struct{}, error) {
		defer func() { <-c.turn }()
		return struct{}{}, c.requests.Do(number, familyVersion, flags, message, answer)
	})
	return refusal(err)
}

// await returns what fn returns, or that ctx has ended before. The kernel
// cannot be interrupted: it may wait for the locks of every connection there is.
// A context that never ends costs nothing.
func await[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	if ctx.Done() == nil {
		return fn()
	}
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := fn()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
