package bench

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"allroads/mptcp"
)

// Server makes tests with clients, one at a time: others are told that it is
// busy.
type Server struct {
	Timeout  time.Duration // of a client's silence, 0: DefaultTimeout
	Once     bool          // Serve ends after a test
	Observer ServerObserver

	listener *mptcp.Listener
	mu       sync.Mutex
	current  *session
}

// ServerObserver is told what happens. Its functions may be nil; they are called
// from several goroutines.
type ServerObserver struct {
	Began   func(*Session)        // a test begins
	Ended   func(*Session, error) // it has, broken off if there is an error
	Refused func(netip.AddrPort, error)
}

// Session is a test as a server sees it.
type Session struct {
	Client netip.AddrPort
	Params Params
	Report *Report // what this end saw, nil: it did not begin
}

// Received is what this end received, and in what time.
func (s *Session) Received() (bytes uint64, lasted time.Duration) {
	if s.Report == nil {
		return 0, 0
	}
	for _, c := range s.Report.Incoming {
		bytes += c.Received
	}
	return bytes, s.Report.Lasted
}

// Sent is what this end sent.
func (s *Session) Sent() (bytes uint64) {
	if s.Report != nil {
		for _, c := range s.Report.Outgoing {
			bytes += c.Written
		}
	}
	return bytes
}

// Limits of what strangers can take of a server.
const (
	firstWords = 10 * time.Second // for saying what a connection is for
	maxUnknown = 256              // connections that have not said it
)

// Listen makes the socket, on the calling thread as mptcp.Listen does.
func (s *Server) Listen(ctx context.Context, at netip.AddrPort) (err error) {
	s.listener, err = mptcp.Listen(ctx, at)
	return err
}

// Addr is where the server listens.
func (s *Server) Addr() netip.AddrPort { return s.listener.AddrPort() }

// Serve serves until ctx ends, which is no error. With Once, it is that of the
// test.
func (s *Server) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var sessions sync.WaitGroup
	defer sessions.Wait()
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { s.listener.Close() })
	defer stop()
	defer s.listener.Close()
	places := make(chan struct{}, maxUnknown)
	for {
		conn, err := s.listener.Accept()
		switch {
		case ctx.Err() != nil && errors.Is(context.Cause(ctx), errOnce{}):
			return context.Cause(ctx).(errOnce).err
		case ctx.Err() != nil:
			return nil
		case err != nil && !temporary(err):
			cancel(err)
			return err
		case err != nil:
			time.Sleep(10 * time.Millisecond) // No descriptors, or no memory: some may come back.
			continue
		}
		select {
		case places <- struct{}{}:
		default:
			conn.Close()
			continue
		}
		sessions.Go(func() {
			once := sync.OnceFunc(func() { <-places })
			defer once()
			if tested, err := s.meet(ctx, conn, once); tested && s.Once {
				cancel(errOnce{err})
			}
		})
	}
}

// errOnce ends a server that was to make one test.
type errOnce struct{ err error }

func (e errOnce) Error() string        { return "one test was made" }
func (e errOnce) Is(target error) bool { _, is := target.(errOnce); return is }

func temporary(err error) bool { return !errors.Is(err, net.ErrClosed) }

func (s *Server) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return DefaultTimeout
}
