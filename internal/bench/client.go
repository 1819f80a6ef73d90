package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// Run makes a test. All sockets are made on the calling thread. With an error
// there may be a result too: what was measured until then.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := o.Params.Check(); err != nil {
		return nil, err
	}
	c := &client{o: &o, began: time.Now()}
	defer c.close()
	if err := c.open(ctx); err != nil {
		return nil, c.of(err)
	}
	if err := c.gather(ctx); err != nil {
		return nil, c.of(err)
	}
	err := c.measure(ctx)
	if c.party == nil {
		return nil, c.of(err)
	}
	result := c.result(err)
	c.close()
	if err == nil {
		err = result.arrived()
	}
	if err == nil && o.PathTime > 0 {
		err = measureAlone(ctx, &o, result)
	}
	result.judge()
	if err != nil {
		return result, c.of(err)
	}
	return result, c.of(c.stayed(result))
}

// stayed holds the connections to have been MPTCP to the end, if they have to be.
func (c *client) stayed(r *Result) error {
	for _, conn := range r.Connections {
		if c.o.RequireMPTCP && !conn.MPTCP {
			return fmt.Errorf("connection %d did not stay mptcp, which it has to: %s", conn.Number, conn.Status)
		}
	}
	return nil
}

// client is the client's end of a test.
type client struct {
	o       *Options
	began   time.Time
	server  netip.AddrPort
	control *control
	name    string // of the session
	conns   []*mptcp.Conn
	party   *party
	places  places
	theirs  *Report // nil: it did not come
	meter   *meter
}

// of says which server an error is about.
func (c *client) of(err error) error {
	if err == nil || !c.server.IsValid() {
		return err
	}
	return fmt.Errorf("bench with %s: %w", c.server, err)
}

func (c *client) close() {
	for _, conn := range c.conns {
		discardAndClose(conn)
	}
	if c.control != nil {
		c.control.close()
	}
}

// open finds a server that makes the test. While it is busy or not there, it is
// asked again, as long as the options say.
func (c *client) open(ctx context.Context) error {
	until := time.Now().Add(c.o.Wait)
	for {
		err := c.try(ctx)
		var refused *RefusedError
		again := errors.As(err, &refused) && refused.Busy || errors.Is(err, unix.ECONNREFUSED)
		if err == nil || !again || time.Now().After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// try asks at each address of the server. When none will do, the error tells of
// all of them.
func (c *client) try(ctx context.Context) error {
	addresses, err := c.o.resolve(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, at := range addresses {
		err := c.ask(ctx, at)
		if err == nil {
			c.server = at
			return nil
		}
		failed = append(failed, err)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return errors.Join(failed...)
}

func (c *client) ask(ctx context.Context, at netip.AddrPort) error {
	conn, err := c.o.dial(ctx, at)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err = introduce(conn, &message{Type: typeStart, Params: &c.o.Params}, c.o.timeout())
	var ready *message
	if err == nil {
		ready, err = answered(conn, typeReady)
	}
	if err != nil {
		conn.Close()
		return fmt.Errorf("ask %s for a test: %w", at, err)
	}
	c.name = ready.Session
	c.control = newControl(conn, c.o.timeout())
	return nil
}

// unanswered says in words that a server has no answer.
func unanswered(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("no answer: is it an allroads bench server?")
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it closes the connection: is it an allroads bench server?")
	}
	return err
}

// gather makes the connections of the test.
func (c *client) gather(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { c.control.conn.Close() })
	defer stop()
	for i := range c.o.Params.Connections {
		conn, err := c.o.dial(ctx, c.server)
		if err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
		c.conns = append(c.conns, conn)
		if err := introduce(conn, &message{Type: typeJoin, Session: c.name, Index: i}, c.o.timeout()); err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
	}
	if err := c.joined(ctx); err != nil {
		return err
	}
	if err := c.require(); err != nil {
		return err
	}
	return c.awaitSubflows(ctx)
}

// joined waits until the server has all connections. It does not say so on those:
// only data goes there.
func (c *client) joined(ctx context.Context) error {
	m, err := c.control.next(c.o.timeout())
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("wait until the server has all connections: %w", err)
	case m.Type != typeJoined:
		return fmt.Errorf("the server sent a %q out of turn: %s", m.Type, m.Reason)
	}
	for _, conn := range c.conns {
		_ = conn.SetDeadline(time.Time{})
	}
	return nil
}

// require holds the connections to be MPTCP, if they have to be.
func (c *client) require() error {
	if !c.o.RequireMPTCP {
		return nil
	}
	for i, conn := range c.conns {
		status, err := conn.Status()
		if err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
		if status.Kind != mptcp.KindMPTCP {
			return fmt.Errorf("connection %d is not mptcp, which it has to be: %s", i+1, status)
		}
	}
	return nil
}

func (c *client) awaitSubflows(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.o.timeout())
	defer cancel()
	for i, conn := range c.conns {
		if c.o.Subflows < 1 {
			break
		}
		if err := conn.WaitSubflows(ctx, c.o.Subflows); err != nil {
			return fmt.Errorf("connection %d: %w", i+1, err)
		}
	}
	return nil
}
