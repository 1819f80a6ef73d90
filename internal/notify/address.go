package notify

import (
	"errors"

	"allroads/internal/replace"
	"allroads/internal/seccomp"

	"golang.org/x/sys/unix"
)

// address decides at bind() and connect(), and replaces the socket before they happen.
func (s *server) address(n *seccomp.Notification, call seccomp.Call) {
	a, found := sockaddr(int(n.PID), call)
	if !found || call.Kind == seccomp.Bind && a.Port() == 0 {
		s.pass(n) // A client that chooses its source decides at connect().
		return
	}
	chosen := s.Choose.Remote
	if call.Kind == seccomp.Bind {
		chosen = s.Choose.Local
	}
	fd := int(int32(call.Args[0]))
	if chosen(a) {
		s.replace(n, fd)
		return
	}
	fresh := isFreshTCP(int(n.PID), fd)
	if s.pass(n) && fresh {
		s.Tally.Left("the rules leave it (--only, --except)")
	}
}

// replace puts an MPTCP socket in the place of a TCP socket, and lets the call happen.
func (s *server) replace(n *seccomp.Notification, fd int) {
	socket, cloexec, err := replace.SocketBy(int(n.PID), fd, func(family, protocol int) (int, error) {
		return s.make(n, family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
	})
	switch {
	case settled(err):
		s.pass(n)
		return
	case err != nil:
		s.leave(n, whyStays(err))
		return
	}
	defer unix.Close(socket)
	key := s.prepare(socket)
	if err := s.listener.Replace(n.ID, socket, fd, cloexec); err != nil {
		s.dropped(key)
		s.notGiven(n, err)
		return
	}
	s.Tally.Converted()
	s.handed(key, n.PID, fd)
	s.pass(n)
}

// settled: it was decided before, as when connect() is called again to learn what became
// of it, or there is nothing to decide.
func settled(err error) bool {
	for _, reason := range []error{
		replace.ErrNotTCP, replace.ErrMPTCP, replace.ErrConnected, replace.ErrListening, replace.ErrUsed,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// whyStays has nothing of the one socket, as its number, so that it can be counted by.
func whyStays(err error) string {
	if errors.Is(err, replace.ErrNotReplaceable) {
		return replace.Reason(err)
	}
	if e, ok := errors.AsType[elsewhere](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[unix.Errno](err); ok {
		return "it could not be replaced: " + e.Error()
	}
	return "it could not be replaced"
}
