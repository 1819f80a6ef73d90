package netcat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync/atomic"
	"time"

	"allroads/mptcp"
)

// session is a connection with what it is joined to.
type session struct {
	*Options
	conn    *mptcp.Conn
	peer    netip.AddrPort
	account *account

	input  io.Reader
	output io.Writer
	// follows says that the session ends with its input: a program's.
	follows bool
	chunk   int           // bytes read at once
	heard   chan struct{} // closed when the peer has ended

	sent, received atomic.Uint64
	copied         bool // whether those two count
	began          time.Time
}

func newSession(conn *mptcp.Conn, o *Options) *session {
	s := &session{Options: o, conn: conn, peer: addrPort(conn.RemoteAddr()), input: o.Input, output: o.Output, chunk: largeChunk, heard: make(chan struct{}), began: time.Now()}
	s.account = newAccount(s)
	return s
}

// run does everything up to the connection's end, and closes it.
func (s *session) run(ctx context.Context) (err error) {
	defer s.conn.Close()
	openWindow(s.conn)
	if err := s.begin(ctx); err != nil {
		return err
	}
	if s.account.detail {
		stop := s.account.follow()
		defer stop()
	}
	if s.Program != nil {
		err = s.runProgram(ctx)
	} else {
		s.copied = true
		err = s.relay(ctx)
	}
	err = s.end(ctx, err)
	if err != nil && ctx.Err() == nil && !errors.As(err, new(*PeerError)) {
		// The peer must not take it for the end. Nor would it soon notice that nobody
		// reads: MPTCP takes what comes after close without a reset.
		_ = s.conn.SetLinger(0)
	}
	return err
}

// begin finds out what the connection is, and whether that is what was wanted.
func (s *session) begin(ctx context.Context) error {
	state := s.account.look()
	if s.Observer.Connected != nil {
		s.Observer.Connected(state)
	}
	if err := s.required(state); err != nil {
		return err
	}
	if s.waitsLater() {
		return nil
	}
	return s.awaitSubflows(ctx)
}

// waitsLater reports whether the wait for subflows has to come after the first
// bytes: who connects may join others only when the peer has acknowledged data (RFC
// 8684, section 3.1; check_fully_established in net/mptcp/options.c).
func (s *session) waitsLater() bool { return !s.account.state.Accepted && !s.RecvOnly }

// awaitSubflows waits for as many as were asked for.
func (s *session) awaitSubflows(ctx context.Context) error {
	if s.Subflows == 0 {
		return nil
	}
	waiting := ctx
	if s.SubflowsTimeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, s.SubflowsTimeout)
		defer cancel()
	}
	err := s.conn.WaitSubflows(waiting, s.Subflows)
	var missing *mptcp.SubflowsError
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &missing), errors.Is(err, mptcp.ErrNotMPTCP):
		return &PeerError{err}
	}
	return err
}

// required holds a connection to being MPTCP, where that is asked for.
func (s *session) required(state State) error {
	if !s.RequireMPTCP || state.Status.Kind == mptcp.KindMPTCP {
		return nil
	}
	return &PeerError{fmt.Errorf("connection with %s: %s: %w", s.peer, state.Status, mptcp.ErrNotMPTCP)}
}

// end takes stock.
func (s *session) end(ctx context.Context, err error) error {
	state := s.account.settle(ctx)
	if s.Observer.Ended != nil {
		s.Observer.Ended(s.summary(state))
	}
	if err != nil || state.Status.Kind == mptcp.KindUnknown {
		return err
	}
	return s.required(state)
}

func (s *session) summary(state State) Summary {
	sum := Summary{State: state, Took: time.Since(s.began), Shares: s.account.all()}
	if s.copied {
		sent, received := s.sent.Load(), s.received.Load()
		sum.Sent, sum.Received = &sent, &received
	} else {
		sum.Sent, sum.Received = carried(s.conn)
	}
	return sum
}
