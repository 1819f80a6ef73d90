package notify

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"allroads/internal/seccomp"
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// server answers the calls of one listener, one after the other: a call takes some
// 10 µs of it, and two would only wait for each other in the kernel.
type server struct {
	Options
	listener *seccomp.Listener
	slot     *slot
	home     home
	covered  func() // closes Covered
}

// Serve answers what a listener has until nothing has the filter any more (nil) or the
// listener breaks. It does not close it. A call that meets anything unexpected happens
// as if nobody had picked it.
func Serve(l *seccomp.Listener, o Options) error { return serve(l, o, nil) }

// serve begins with what another supervisor has left.
func serve(l *seccomp.Listener, o Options, left *slot) error {
	s := &server{Options: o, listener: l, slot: new(slot)}
	if o.Tally == nil {
		s.Tally = new(tally.Tally)
	}
	s.covered = sync.OnceFunc(func() {
		if o.Covered != nil {
			close(o.Covered)
		}
	})
	if o.Busy == nil {
		s.Busy = new(sync.Mutex)
	}
	stop := s.getReady(left)
	defer stop()
	return onThread(func() error {
		if err := blockSignals(); err != nil {
			return err
		}
		s.home = findHome()
		defer func() { s.home.close() }()
		s.rescue()
		return s.run()
	})
}

// run answers until there is nobody left to answer.
func (s *server) run() error {
	for {
		err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("receive a call of the program: %w", err)
		}
	}
}

// next waits for a call and answers it.
func (s *server) next() error {
	ready, err := s.listener.Wait(-1)
	if err != nil || !ready {
		return err
	}
	switch err := s.listener.Receive(&s.slot.call); err {
	case nil:
		s.Busy.Lock()
		s.answer(&s.slot.call)
		s.Busy.Unlock()
		return nil
	case unix.ENOENT, unix.EINTR: // its thread is gone
		return nil
	default:
		return err
	}
}
