package notify

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// getReady takes over what another supervisor has left, and then has a standby of its own,
// which would have to know of that, too.
func (s *server) getReady(left *slot) (stop func()) {
	var memory *os.File
	if s.Standby {
		if shared, file, err := newSlot(); err == nil {
			s.slot, memory = shared, file
		}
	}
	if left != nil {
		*s.slot = *left
	}
	if memory == nil {
		s.covered()
		return func() {}
	}
	return s.standby(memory)
}

// standby starts a process that goes on in our place when we are killed, without waiting
// for it. memory is the file of the slot. Without a standby, all goes on as well.
func (s *server) standby(memory *os.File) (stop func()) {
	done := make(chan struct{})
	go func() {
		defer memory.Close()
		defer s.covered()
		for s.oneStandby(memory, done) {
			time.Sleep(time.Second)
		}
	}()
	return func() { close(done) }
}

// oneStandby returns when its process has ended, and whether that was not to be: somebody
// has killed it.
func (s *server) oneStandby(memory *os.File, done <-chan struct{}) (killed bool) {
	alive, mine, err := os.Pipe() // Closed when we are gone.
	if err != nil {
		return false
	}
	defer mine.Close()
	listener := dup(s.listener.FD())
	cmd := again("standby", s.listener, s.Options, nil, listener, memory, alive)
	err = cmd.Start()
	s.covered()
	for _, f := range []*os.File{listener, alive} {
		f.Close()
	}
	if err != nil {
		return false
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		return ok && status.Signaled()
	case <-done:
		return false
	}
}

// dup is a descriptor as a file of its own.
func dup(fd int) *os.File {
	other, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	return os.NewFile(uintptr(other), "")
}

// standBy is the standby.
func standBy(o orders) error {
	if err := inherit(3); err != nil {
		return err
	}
	l := o.listener()
	defer l.Close()
	left, err := slotOf(firstFile + 1)
	if err != nil {
		return err
	}
	if goOn, err := wait(l.FD(), firstFile+2); !goOn {
		return err
	}
	o.Standby = true
	return serve(l, o.Options, left)
}

// wait returns when nothing has the filter any more (false), or when the supervisor is
// gone.
func wait(listener, alive int) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(listener)}, {Fd: int32(alive)}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case err != nil && err != unix.EINTR:
			return false, os.NewSyscallError("poll", err)
		case err != nil:
		case fds[0].Revents&unix.POLLHUP != 0:
			return false, nil
		case fds[1].Revents != 0:
			return true, nil
		}
	}
}
