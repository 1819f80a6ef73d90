package rewrite

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// options: no EXITKILL, since a program outlives its tracer, if only with half of its
// sockets.
const options = unix.PTRACE_O_TRACESECCOMP | unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEEXEC |
	unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACECLONE

// ptrace makes a request. ESRCH is no fault: a task can be killed at any moment, and
// its end is what comes next.
func ptrace(request, tid int, address, data uintptr) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), address, data, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// syscallInfo is where a task is in a system call, in all calling conventions alike
// (linux/ptrace.h, struct ptrace_syscall_info; Linux 5.3).
type syscallInfo struct {
	op   uint8 // PTRACE_SYSCALL_INFO_*
	_    [3]uint8
	arch uint32
	ip   uint64
	sp   uint64
	// entry is the number and the arguments; in its place at the end of a call is
	// the result.
	entry [7]uint64
	_     uint64
}

func (s *syscallInfo) result() int64 { return int64(s.entry[0]) }

// infoOf returns where a stopped task is; op is what is expected.
func infoOf(tid int, op uint8) (*syscallInfo, bool) {
	info := new(syscallInfo)
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_GET_SYSCALL_INFO, uintptr(tid),
		unsafe.Sizeof(*info), uintptr(unsafe.Pointer(info)), 0, 0)
	return info, errno == 0 && info.op == op
}

// eventMessage is what the task's event says.
func eventMessage(tid int) (int, bool) {
	var message uint // unsigned long
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_GETEVENTMSG, uintptr(tid), 0, uintptr(unsafe.Pointer(&message)), 0, 0)
	return int(message), errno == 0
}
