package ipmptcp

import (
	"errors"
	"syscall"

	"allroads/internal/netns"
	"allroads/pathmanager"
)

// enter opens the namespace that a command is for: a name that `ip netns` knows,
// a path, or pid:N for that of a process. It also tries to enter, so that what
// cannot be done is said at once.
func (s *session) enter(name string) error {
	ns, err := netns.Open(netns.FileOf(name))
	if err != nil {
		return &exit{`Cannot open network namespace "` + name + `": ` + reason(err) + "\n", codeUsage}
	}
	if err := ns.Do(func() error { return nil }); err != nil {
		ns.Close()
		return &exit{`setting the network namespace "` + name + `" failed: ` + reason(err) + "\n", codeUsage}
	}
	if s.ns != nil {
		s.ns.Close()
	}
	s.ns = ns
	return nil
}

// reason is the C library's text for an error of the system.
func reason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return strerror(errno)
	}
	return err.Error()
}

// inside runs fn in the command's namespace.
func (s *session) inside(fn func() error) error {
	if s.ns == nil {
		return fn()
	}
	return s.ns.Do(fn)
}

// fd is the namespace's file descriptor, 0 for the caller's own.
func (s *session) fd() int {
	if s.ns == nil {
		return 0
	}
	return s.ns.Fd()
}

func (s *session) dial() (*pathmanager.Conn, error) {
	return pathmanager.Dial(s.ctx, pathmanager.InNetNS(s.fd()))
}
