package netns

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThread runs fn on a thread that ends with it, so that whatever fn does to
// its thread (unshare, setns) is forgotten. A panic in fn ends the program, as
// in any goroutine; runtime.Goexit, which a test's FailNow is, ends the caller.
func onThread(fn func() error) error {
	done := make(chan error, 1)
	go runLocked(fn, done)
	err, returned := <-done
	if !returned {
		runtime.Goexit()
	}
	return err
}

// runLocked never unlocks its thread, which makes the Go runtime end it. The
// main thread is the exception: it cannot end, and /proc/self names its
// namespaces, so it is kept busy while another thread does the work.
func runLocked(fn func() error, done chan<- error) {
	defer close(done)
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		defer runtime.UnlockOSThread()
		done <- onThread(fn)
		return
	}
	done <- fn()
}
