package seccomp

import (
	"fmt"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Listener is where the calls that a filter picks wait for their answers. Several
// processes may hold one; when the last lets go, calls that are picked fail with
// ENOSYS (kernel/seccomp.c, seccomp_do_user_notification).
type Listener struct {
	fd       int
	killable bool
}

// NewListener takes over a descriptor. killable: the filter was installed with
// SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (Linux 5.19), so that signals do not interrupt
// calls that have been received.
func NewListener(fd int, killable bool) *Listener {
	// Linux 6.6: who is woken runs on the same CPU. Older kernels refuse, and are slower.
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	unix.CloseOnExec(fd)
	return &Listener{fd, killable}
}

// Killable is as NewListener was told.
func (l *Listener) Killable() bool { return l.killable }

// probe finds out whether descriptors can be given (Linux 5.14). No call has the ID,
// which is what a kernel says that knows the request.
func (l *Listener) probe() error {
	_, err := l.add(addfd{source: uint32(l.fd), flags: unix.SECCOMP_ADDFD_FLAG_SEND}, true)
	if err == unix.ENOENT {
		return nil
	}
	return fmt.Errorf("give descriptors through a seccomp listener: %w (Linux 5.14 is needed)", err)
}

// FD is the descriptor, which stays the listener's.
func (l *Listener) FD() int { return l.fd }

// Close lets go of the listener.
func (l *Listener) Close() error { return os.NewSyscallError("close", unix.Close(l.fd)) }

// Notification is a call that waits (linux/seccomp.h, struct seccomp_notif).
type Notification struct {
	ID    uint64
	PID   uint32 // the thread; 0: one of a PID namespace that we cannot see
	Flags uint32
	Call  Data
}

// Data is a call as the filter saw it (struct seccomp_data).
type Data struct {
	Number uint32
	Arch   uint32 // AUDIT_ARCH_*
	IP     uint64
	Args   [6]uint64
}

// Wait returns when a call waits, after timeout milliseconds (-1: none) with false, or
// with io.EOF when nothing has the filter any more.
func (l *Listener) Wait(timeout int) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}}
	_, err := unix.Poll(fds, timeout)
	switch {
	case err == unix.EINTR:
		return false, nil
	case err != nil:
		return false, os.NewSyscallError("poll seccomp listener", err)
	case fds[0].Revents&unix.POLLIN != 0:
		return true, nil
	case fds[0].Revents&unix.POLLHUP != 0:
		return false, io.EOF
	}
	// POLLERR is that a signal came while the kernel waited for a lock.
	return false, nil
}

// Receive takes a call over. ENOENT: it is gone already, as when its thread was
// killed.
func (l *Listener) Receive(n *Notification) error {
	*n = Notification{} // the kernel wants zeroes
	return ioctl(l.fd, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(n))
}

// Valid reports whether a call still waits. What was read by PID before that was its.
func (l *Listener) Valid(id uint64) bool {
	return ioctl(l.fd, unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&id)) == nil
}

type response struct {
	id    uint64
	value int64
	error int32
	flags uint32
}

// Continue lets a call happen as if nobody had picked it.
func (l *Listener) Continue(id uint64) error {
	return l.send(response{id: id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE})
}

// Fail makes a call fail.
func (l *Listener) Fail(id uint64, errno unix.Errno) error {
	return l.send(response{id: id, error: -int32(errno)})
}

func (l *Listener) send(r response) error {
	return ioctl(l.fd, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
}

type addfd struct {
	id                            uint64
	flags, source, target, fdFlag uint32
}

// Give answers a call with a copy of a descriptor, in the caller's table, and returns
// its number there. Our own is closed in any case: before the caller goes on, where the
// kernel permits, so that when the caller closes its copy the file is closed.
//
// EMFILE and the like are about the caller's table; the call waits then. ENOENT: the
// caller is gone.
//
// The kernel can do it in one step (SECCOMP_ADDFD_FLAG_SEND). But when what calls that
// is stopped or killed in the middle of it, the caller's call returns 0, which is no
// descriptor that anybody gave (kernel/seccomp.c, seccomp_notify_addfd). In two steps a
// signal for the caller may come in between, and the descriptor would be left there
// with nobody knowing; so they are for kernels where it does not.
func (l *Listener) Give(id uint64, fd int, cloexec bool) (int, error) {
	if !l.killable {
		defer unix.Close(fd)
		return l.add(addfd{id: id, source: uint32(fd), flags: unix.SECCOMP_ADDFD_FLAG_SEND}, cloexec)
	}
	number, err := l.add(addfd{id: id, source: uint32(fd)}, cloexec)
	unix.Close(fd)
	if err != nil {
		return -1, err
	}
	return number, l.Return(id, int64(number))
}

// Return makes a call return a value.
func (l *Listener) Return(id uint64, value int64) error {
	return l.send(response{id: id, value: value})
}

// Replace puts a copy of a descriptor in the place of one of the caller's, whose call
// goes on waiting.
func (l *Listener) Replace(id uint64, fd, number int, cloexec bool) error {
	_, err := l.add(addfd{id: id, source: uint32(fd), target: uint32(number), flags: unix.SECCOMP_ADDFD_FLAG_SETFD}, cloexec)
	return err
}

func (l *Listener) add(a addfd, cloexec bool) (int, error) {
	if cloexec {
		a.fdFlag = unix.O_CLOEXEC
	}
	n, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), unix.SECCOMP_IOCTL_NOTIF_ADDFD, uintptr(unsafe.Pointer(&a)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

func ioctl(fd int, request uintptr, argument unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(argument)); errno != 0 {
		return errno
	}
	return nil
}

// String is for messages.
func (n Notification) String() string {
	return fmt.Sprintf("call %d (arch %#x) of thread %d", n.Call.Number, n.Call.Arch, n.PID)
}
