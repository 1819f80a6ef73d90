package notify

import (
	"allroads/internal/seccomp"
	"allroads/internal/watch"

	"golang.org/x/sys/unix"
)

// socket answers socket() with one of MPTCP.
func (s *server) socket(n *seccomp.Notification, call seccomp.Call) {
	// It is closed on exec here, whatever it will be there.
	kind := unix.SOCK_STREAM | unix.SOCK_CLOEXEC
	if call.NonBlocking() {
		kind |= unix.SOCK_NONBLOCK
	}
	fd, err := s.make(n, call.Family(), kind, unix.IPPROTO_MPTCP)
	if err != nil {
		s.leave(n, whyNot(err))
		return
	}
	s.slot.inode = inodeOf(fd)
	key := s.prepare(fd)
	number, err := s.listener.Give(n.ID, fd, call.CloseOnExec())
	s.slot.inode = 0
	if err != nil {
		s.dropped(key)
		s.notGiven(n, err)
		return
	}
	s.Tally.Converted()
	s.handed(key, n.PID, number)
}

// make makes a socket in the network namespace of the caller.
func (s *server) make(n *seccomp.Notification, family, kind, protocol int) (fd int, err error) {
	away := s.in(n, func() { fd, err = unix.Socket(family, kind, protocol) })
	if away != nil {
		return -1, away
	}
	return fd, err
}

// whyNot explains an error of socket() with IPPROTO_MPTCP, for the report.
func whyNot(err error) string {
	switch err {
	case unix.ENOPROTOOPT:
		return "MPTCP is switched off (net.mptcp.enabled=0)"
	case unix.EPROTONOSUPPORT:
		return "this kernel has no MPTCP for this address family"
	case unix.EAFNOSUPPORT:
		return "this kernel does not have this address family"
	case unix.EACCES, unix.EPERM:
		return "the supervisor may not open an MPTCP socket: " + err.Error()
	}
	if e, ok := err.(elsewhere); ok {
		return e.Error()
	}
	return "the supervisor could not open a socket: " + err.Error()
}

// notGiven answers a call whose socket could not be put into the program.
func (s *server) notGiven(n *seccomp.Notification, err error) {
	switch err {
	case unix.ENOENT, unix.ESRCH, unix.EINPROGRESS: // gone, or a standby has answered
	case unix.EMFILE: // of the program: so says socket(), too
		_ = s.listener.Fail(n.ID, unix.EMFILE)
	default:
		s.leave(n, "the socket could not be put into the program: "+err.Error())
	}
}

func inodeOf(fd int) uint64 {
	var status unix.Stat_t
	if unix.Fstat(fd, &status) != nil {
		return 0
	}
	return uint64(status.Ino)
}

func (s *server) prepare(fd int) (k watch.Key) {
	if s.Watch != nil {
		k = s.Watch.Prepare(fd)
	}
	return k
}

func (s *server) handed(k watch.Key, pid uint32, fd int) {
	if s.Watch != nil {
		s.Watch.Handed(k, int(pid), fd)
	}
}

func (s *server) dropped(k watch.Key) {
	if s.Watch != nil {
		s.Watch.Dropped(k)
	}
}
