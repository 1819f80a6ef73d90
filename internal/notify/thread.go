package notify

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// onThread runs fn on a thread that ends with it, and is not the main one, which
// cannot end.
func onThread(fn func() error) error {
	done := make(chan error, 1)
	go locked(fn, done)
	return <-done
}

func locked(fn func() error, done chan<- error) {
	runtime.LockOSThread() // For good: so the runtime ends it.
	if unix.Gettid() == unix.Getpid() {
		done <- onThread(fn)
		runtime.UnlockOSThread()
		return
	}
	done <- fn()
}

// blockSignals keeps all from this thread, those by which the runtime interrupts
// goroutines as well: the kernel's user notification does not bear them well.
func blockSignals() error {
	var all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	// All but the one by which the runtime has each thread do a system call
	// (syscall.AllThreadsSyscall): it waits for every thread.
	const perThread = 33
	bits := uint(unsafe.Sizeof(all.Val[0])) * 8
	all.Val[(perThread-1)/bits] &^= 1 << ((perThread - 1) % bits)
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, nil); err != nil {
		return fmt.Errorf("block signals: %w", err)
	}
	return nil
}
