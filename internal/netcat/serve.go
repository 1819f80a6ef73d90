package netcat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"allroads/mptcp"
)

// Run listens, and does what the options say with the first connection; or, to be
// kept open, with all, until ctx ends.
func (s *Server) Run(ctx context.Context, o *Options) error {
	l, err := s.listen(ctx, o.RequireMPTCP)
	if err != nil {
		return err
	}
	defer l.Close()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	if o.Observer.Listening != nil {
		o.Observer.Listening(addrPort(l.Addr()), kindOf(l))
	}
	if s.KeepOpen {
		return s.serve(ctx, l, o)
	}
	conn, err := accept(ctx, l, func(error) {})
	if err != nil {
		return err
	}
	go turnAway(l)
	return accepted(conn, o).run(ctx)
}

// turnAway resets whoever else connects, until the listener is closed. Closing it
// earlier would turn away the connection's further subflows, too: in the kernel
// their SYNs come to the listener (net/mptcp/subflow.c).
func turnAway(l *net.TCPListener) {
	for {
		conn, err := l.AcceptTCP()
		switch {
		case err == nil:
			_ = conn.SetLinger(0)
			conn.Close()
		case isAny(err, passing):
			time.Sleep(acceptPause)
		default:
			return
		}
	}
}

func accepted(conn *mptcp.Conn, o *Options) *session {
	s := newSession(conn, o)
	s.account.state.Accepted = true
	return s
}

// serve takes connections until ctx ends, or one fails because of this system.
func (s *Server) serve(ctx context.Context, l *net.TCPListener, o *Options) error {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	c := &crowd{options: o, max: s.Max, fail: cancel}
	if o.Program == nil && !o.RecvOnly {
		c.input = newBroadcast(o.Input)
		go c.input.run(cancel)
		defer c.input.close()
	}
	defer c.sessions.Wait()
	defer cancel(nil)
	for {
		conn, err := accept(ctx, l, c.report)
		if err != nil {
			return err
		}
		c.take(ctx, conn)
	}
}

// passing are errors of accepting that others will not have: a connection that
// was reset meanwhile, and want of files or memory until some are closed.
var passing = []error{
	syscall.ECONNABORTED, syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EPROTO, syscall.EPERM,
}

const acceptPause = 100 * time.Millisecond

// accept waits for a connection. Want of files is waited out, and reported once.
func accept(ctx context.Context, l *net.TCPListener, report func(error)) (*mptcp.Conn, error) {
	for reported := false; ; {
		tcp, err := l.AcceptTCP()
		switch {
		case err == nil:
			return &mptcp.Conn{TCPConn: tcp}, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !isAny(err, passing):
			return nil, fmt.Errorf("accept a connection: %w", words(err))
		}
		if !reported && !errors.Is(err, syscall.ECONNABORTED) {
			report(fmt.Errorf("accept a connection: %w: waiting until it can be", words(err)))
			reported = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(acceptPause):
		}
	}
}
