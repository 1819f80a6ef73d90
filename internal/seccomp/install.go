package seccomp

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrHasListener is wrapped by Notify when a filter above this one has a listener
// already: the kernel allows one for each line of ancestors (kernel/seccomp.c,
// has_duplicate_listener).
var ErrHasListener = errors.New("another seccomp listener is there already, as of a container or sandbox")

// Installed is a filter in force for the calling thread, and for whatever it starts.
type Installed struct {
	// Listener is where what is picked arrives; nil for a tracer.
	Listener *Listener
	// NoNewPrivs: without CAP_SYS_ADMIN the kernel wants no_new_privs, and so
	// set-uid programs and file capabilities have no effect.
	NoNewPrivs bool
}

// Notify puts the filter on the calling thread, which has to be locked
// (runtime.LockOSThread) and must never be unlocked. It must not be the main thread
// either, unless that becomes the program: it cannot end, and so the listener would
// never hang up. Needs Linux 5.14.
func (f Filter) Notify() (*Installed, error) {
	killable := true
	fd, noNewPrivs, err := f.install(unix.SECCOMP_RET_USER_NOTIF, newListener|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
	if errors.Is(err, unix.EINVAL) {
		killable = false
		fd, noNewPrivs, err = f.install(unix.SECCOMP_RET_USER_NOTIF, newListener)
	}
	if errors.Is(err, unix.EBUSY) {
		err = ErrHasListener
	}
	if err != nil {
		return nil, fmt.Errorf("install seccomp filter with a listener: %w", err)
	}
	l := NewListener(fd, killable)
	if err := l.probe(); err != nil {
		l.Close()
		return nil, err
	}
	return &Installed{l, noNewPrivs}, nil
}

const newListener = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER

// Trace does the same for a tracer, which gets PTRACE_EVENT_SECCOMP
// (PTRACE_O_TRACESECCOMP). Without one, calls that are picked fail with ENOSYS.
func (f Filter) Trace() (*Installed, error) {
	_, noNewPrivs, err := f.install(unix.SECCOMP_RET_TRACE, 0)
	if err != nil {
		return nil, fmt.Errorf("install seccomp filter for a tracer: %w", err)
	}
	return &Installed{nil, noNewPrivs}, nil
}

// install first tries to do without no_new_privs.
func (f Filter) install(action uint32, flags uintptr) (fd int, noNewPrivs bool, err error) {
	if len(abis) == 0 {
		return -1, false, errors.New("the system calls of this architecture are not known to allroads")
	}
	program, err := f.assemble(action)
	if err != nil {
		return -1, false, err
	}
	fd, err = set(program, flags)
	if err != unix.EACCES {
		return fd, false, err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, false, fmt.Errorf("set no_new_privs: %w", err)
	}
	fd, err = set(program, flags)
	return fd, true, err
}

func set(program []unix.SockFilter, flags uintptr) (int, error) {
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&fprog)))
	runtime.KeepAlive(program)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}
