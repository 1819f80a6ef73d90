package convert

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// action is struct sigaction, of whatever architecture. All of it zero is SIG_DFL.
type action [8]uint64

// undergo has this process undergo what the kernel does by itself at a signal. os/signal
// gives back neither signals like SIGSEGV nor SIGTSTP.
func undergo(s unix.Signal) {
	var byDefault, before action
	set(s, &byDefault, &before)
	defer set(s, &before, &byDefault)
	// A signal for the thread itself takes effect before it goes on.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), s)
}

func set(s unix.Signal, to, before *action) {
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(to)), uintptr(unsafe.Pointer(before)), 8, 0, 0)
}
