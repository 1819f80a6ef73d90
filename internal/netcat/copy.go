package netcat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// Sizes of what is read at once. A large piece is what makes sending fast: the
// kernel's lock on an MPTCP socket, and the work behind it, is taken once for
// each. sendfile(2) and splice(2) copy it page by page there.
const (
	largeChunk   = 1 << 20
	smallChunk   = 64 << 10
	receiveChunk = 256 << 10
)

// firstBytes are sent before there are other subflows to wait for.
const firstBytes = 1 << 10

// send copies the input to the connection until the input ends. When there are not
// the subflows to wait for, it is the end of both directions.
func (s *session) send(ctx context.Context, end context.CancelCauseFunc) error {
	widen(s.input)
	b := make([]byte, s.chunk)
	var lines crlf
	var ended []byte
	waits := s.Subflows > 0 && s.waitsLater()
	for {
		space := b
		if waits {
			space = b[:firstBytes]
		}
		n, err := s.input.Read(space)
		out := b[:n]
		if s.CRLF {
			ended = lines.appendTo(ended[:0], out)
			out = ended
		}
		if err := s.write(out); err != nil {
			return err
		}
		if waits {
			waits = false
			if err := s.awaitSubflows(ctx); err != nil {
				end(err)
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return s.endSending()
		}
		if err != nil {
			return fmt.Errorf("read what to send: %w", err)
		}
	}
}

// joinPatience is how long a connection has for further subflows.
const joinPatience = time.Second

// stayWhole waits a little before the end of an input that was empty is told. A
// connection of which one direction has ended gets no more subflows (MPJoinRejected,
// mptcp_can_accept_new_subflow in net/mptcp/subflow.c), and who has nothing to send
// often receives much.
func (s *session) stayWhole() {
	select {
	case <-time.After(joinPatience - time.Since(s.began)):
	case <-s.heard:
	}
}

func (s *session) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if err := s.record(sending, b); err != nil {
		return err
	}
	n, err := s.conn.Write(b)
	s.sent.Add(uint64(n))
	if err != nil {
		return &PeerError{fmt.Errorf("send to %s: %w", s.peer, words(err))}
	}
	return nil
}

// endSending tells the peer that there is no more.
func (s *session) endSending() error {
	state := s.account.look() // The subflows may be closed as soon as the peer has ended, too.
	if s.NoShutdown {
		return nil
	}
	if state.Status.Kind == mptcp.KindMPTCP && s.sent.Load() == 0 && !s.follows && !s.SendOnly {
		s.stayWhole()
	}
	err := s.conn.CloseWrite()
	if err != nil && !errors.Is(err, syscall.ENOTCONN) { // The peer is gone: receive knows.
		return &PeerError{fmt.Errorf("end sending to %s: %w", s.peer, words(err))}
	}
	return nil
}

// receive copies from the connection to the output until the peer ends.
func (s *session) receive() error {
	if !s.SendOnly {
		widen(s.output)
	}
	b := make([]byte, min(s.chunk, receiveChunk))
	for {
		n, err := s.conn.Read(b)
		s.received.Add(uint64(n))
		if err := s.deliver(b[:n]); err != nil {
			return err
		}
		s.account.lookSoon()
		if err != nil {
			close(s.heard)
		}
		if errors.Is(err, io.EOF) {
			return s.endOutput()
		}
		if err != nil {
			return &PeerError{fmt.Errorf("receive from %s: %w", s.peer, words(err))}
		}
	}
}

func (s *session) deliver(b []byte) error {
	if s.SendOnly || len(b) == 0 {
		return nil
	}
	if err := s.record(receiving, b); err != nil {
		return err
	}
	_, err := s.output.Write(b)
	switch {
	case err == nil, s.follows && errors.Is(err, syscall.EPIPE): // A program need not read it all.
		return nil
	case errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("write what is received: %w: %w", ErrNoReader, err)
	}
	return fmt.Errorf("write what is received: %w", err)
}

// endOutput lets whoever reads the output know, though there may be more to
// send.
func (s *session) endOutput() error {
	closer, ok := s.output.(io.Closer)
	if !ok {
		return nil
	}
	if err := closer.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("write what is received: %w", err)
	}
	return nil
}

// widen makes a pipe hold more, where it can: fewer turns for the same bytes.
func widen(end any) {
	file, ok := end.(*os.File)
	if !ok {
		return
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, largeChunk) })
}
