package netcat

import (
	"context"
	"errors"
	"sync"

	"allroads/mptcp"
)

// ErrTooMany is the error of a connection that is one more than allowed.
var ErrTooMany = errors.New("as many connections as are allowed are open")

// crowd is the connections that are open at a time.
type crowd struct {
	options  *Options
	max      int
	input    *broadcast
	fail     context.CancelCauseFunc
	sessions sync.WaitGroup

	mu    sync.Mutex
	count int
}

func (c *crowd) take(ctx context.Context, conn *mptcp.Conn) {
	if !c.enter() {
		c.failed(conn, ErrTooMany)
		conn.Close()
		return
	}
	c.sessions.Go(func() {
		defer c.leave()
		s := accepted(conn, c.options)
		s.chunk = smallChunk
		s.output = struct{ writer }{s.output} // It outlives the connection.
		if c.input != nil {
			member := c.input.join()
			defer member.Close()
			s.input = member
		}
		err := s.run(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case c.options.Program != nil || errors.As(err, new(*PeerError)):
			c.failed(conn, err)
		default: // The others have no input or output either.
			c.fail(err)
		}
	})
}

// writer hides that an output can be closed.
type writer interface{ Write([]byte) (int, error) }

func (c *crowd) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.max > 0 && c.count >= c.max {
		return false
	}
	c.count++
	return true
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count--
}

func (c *crowd) failed(conn *mptcp.Conn, err error) {
	if c.options.Observer.Failed != nil {
		c.options.Observer.Failed(addrPort(conn.RemoteAddr()), err)
	}
}

func (c *crowd) report(err error) {
	if c.options.Observer.Failed != nil {
		c.options.Observer.Failed(addrPort(nil), err)
	}
}
