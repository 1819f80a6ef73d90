package notify

import (
	"allroads/internal/seccomp"
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// answer sees to one call. Every way through it ends in an answer, or in a caller that
// is gone.
func (s *server) answer(n *seccomp.Notification) {
	call, err := n.Call.Decode(int(n.PID))
	switch {
	case err != nil: // The kernel cannot read them either, or the caller is gone.
		s.pass(n)
	case call.Stream():
		s.socket(n, call)
	case call.Kind == seccomp.Bind || call.Kind == seccomp.Connect:
		s.address(n, call)
	case call.Kind == seccomp.Ring:
		s.ring(n)
	case call.Kind == seccomp.OwnListener:
		s.Tally.Listener(tally.ProcessOf(int(n.PID)))
		s.pass(n) // EBUSY, says the kernel.
	default:
		s.pass(n)
	}
}

// pass lets a call happen.
func (s *server) pass(n *seccomp.Notification) bool { return s.listener.Continue(n.ID) == nil }

// ring is io_uring_setup().
func (s *server) ring(n *seccomp.Notification) {
	s.Tally.Ring(tally.ProcessOf(int(n.PID)))
	if s.Require {
		_ = s.listener.Fail(n.ID, unix.EPERM)
		return
	}
	s.pass(n)
}

// leave lets a call happen that makes no socket of MPTCP, or fails it. What nobody
// waits for any more is not counted.
func (s *server) leave(n *seccomp.Notification, reason string) {
	switch {
	case s.Require && s.listener.Fail(n.ID, unix.EPROTONOSUPPORT) == nil:
		s.Tally.Refused(reason)
	case !s.Require && s.pass(n):
		s.Tally.Left(reason)
	}
}
