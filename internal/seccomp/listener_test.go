package seccomp

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// notMain runs fn on a thread that ends with it, as the main thread cannot.
func notMain(fn func()) {
	runtime.LockOSThread()
	if unix.Gettid() != unix.Getpid() {
		fn()
		return
	}
	defer runtime.UnlockOSThread()
	done := make(chan struct{})
	go func() {
		defer close(done)
		notMain(fn)
	}()
	<-done
}

// filtered runs fn on a thread with a filter, while answer has its listener.
func filtered(t *testing.T, f Filter, fn func(), answer func(*Listener)) {
	t.Helper()
	listeners, done := make(chan *Listener, 1), make(chan error, 1)
	go notMain(func() {
		installed, err := f.Notify()
		if err != nil {
			done <- err
			return
		}
		listeners <- installed.Listener
		fn()
		done <- nil
	})
	select {
	case l := <-listeners:
		answer(l)
		if err := <-done; err != nil {
			t.Error(err)
		}
		for { // The thread ends soon.
			if _, err := l.Wait(-1); err == io.EOF {
				break
			} else if err != nil {
				t.Error(err)
				break
			}
		}
		l.Close()
	case err := <-done:
		if errors.Is(err, ErrHasListener) {
			netnstest.Missing(t, err.Error())
		}
		t.Fatal(err)
	}
}

// receive waits for one call.
func receive(t *testing.T, l *Listener) Notification {
	t.Helper()
	var n Notification
	for {
		ready, err := l.Wait(-1)
		if err != nil {
			t.Fatal(err)
		}
		if ready && l.Receive(&n) == nil {
			return n
		}
	}
}

// openSocket tells the runtime that the call may take its time, as unix.Socket does not:
// it would wait for the thread that waits for the answer of this process.
func openSocket() (int, error) {
	fd, _, errno := unix.Syscall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

type answer struct {
	fd  int
	err error
}

// TestAnswers: each way to answer a call, and that there is one answer to each.
func TestAnswers(t *testing.T) {
	answers := make(chan answer, 5)
	socket := func() {
		fd, err := openSocket()
		answers <- answer{fd, err}
	}
	filtered(t, Filter{Sockets: true}, func() {
		for range 5 {
			socket()
		}
	}, func(l *Listener) {
		if ready, err := l.Wait(0); ready && err != nil {
			t.Error(ready, err)
		}
		n := receive(t, l)
		call, err := n.Call.Decode(int(n.PID))
		if err != nil || !call.Stream() || !l.Valid(n.ID) || l.Valid(n.ID+1) || n.PID == 0 {
			t.Errorf("%v: %+v, %v", n, call, err)
		}
		if err := l.Fail(n.ID, unix.EXDEV); err != nil {
			t.Error(err)
		}
		if a := <-answers; a.err != unix.EXDEV {
			t.Errorf("Fail: %+v", a)
		}
		if err := l.Continue(n.ID); err != unix.ENOENT && err != unix.EINPROGRESS {
			t.Errorf("a second answer: %v", err)
		}

		if err := l.Continue(receive(t, l).ID); err != nil {
			t.Error(err)
		}
		a := <-answers
		if got, err := unix.GetsockoptInt(a.fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); err != nil || got != unix.IPPROTO_TCP {
			t.Errorf("Continue: %+v, protocol %d, %v", a, got, err)
		}

		// The thread has our table of descriptors, so that all can be seen from here.
		null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := nameOf(null)
		number, err := l.Give(receive(t, l).ID, null, true)
		given := <-answers
		flags, _ := unix.FcntlInt(uintptr(given.fd), unix.F_GETFD, 0)
		if err != nil || given.err != nil || given.fd != number || nameOf(number) != want || flags != unix.FD_CLOEXEC {
			t.Errorf("Give: %d, %v, the call %+v, flags %d", number, err, given, flags)
		}
		if number != null && nameOf(null) != "" {
			t.Error("Give leaves our own descriptor open")
		}

		n = receive(t, l)
		if err := l.Replace(n.ID, number, a.fd, false); err != nil || nameOf(a.fd) != want {
			t.Errorf("Replace: %v, descriptor %d is %s", err, a.fd, nameOf(a.fd))
		}
		if flags, _ := unix.FcntlInt(uintptr(a.fd), unix.F_GETFD, 0); flags != 0 {
			t.Errorf("Replace: flags %d", flags)
		}
		if !l.Valid(n.ID) {
			t.Error("Replace has answered the call")
		}
		if err := l.Return(n.ID, 77); err != nil {
			t.Error(err)
		}
		if got := <-answers; got.fd != 77 || got.err != nil {
			t.Errorf("Return: %+v", got)
		}
		unix.Close(a.fd)
		unix.Close(number)

		if err := l.Fail(receive(t, l).ID, unix.EPERM); err != nil {
			t.Error(err)
		}
		<-answers
	})
}

// TestGiveAtOnce is Give as it is on kernels where signals interrupt calls.
func TestGiveAtOnce(t *testing.T) {
	answers := make(chan answer, 2)
	filtered(t, Filter{Sockets: true}, func() {
		for range 2 {
			fd, err := openSocket()
			answers <- answer{fd, err}
		}
	}, func(l *Listener) {
		interrupted := &Listener{l.FD(), false}
		null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		number, err := interrupted.Give(receive(t, l).ID, null, false)
		given := <-answers
		if err != nil || given != (answer{number, nil}) || nameOf(number) != "/dev/null" {
			t.Errorf("Give: %d, %v, the call %+v", number, err, given)
		}
		unix.Close(number)

		n := receive(t, l)
		if _, err := interrupted.Give(n.ID, -1, false); err != unix.EBADF || !l.Valid(n.ID) {
			t.Errorf("Give of nothing: %v, want EBADF and a call that waits", err)
		}
		if err := l.Fail(n.ID, unix.EPERM); err != nil {
			t.Error(err)
		}
		<-answers
	})
}

func nameOf(fd int) string {
	name, _ := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	return name
}

// TestSecondListener: one listener for each line of ancestors.
func TestSecondListener(t *testing.T) {
	var err error
	filtered(t, Filter{Sockets: true}, func() { _, err = Filter{Sockets: true}.Notify() }, func(*Listener) {})
	if !errors.Is(err, ErrHasListener) {
		t.Errorf("a second listener: %v", err)
	}
}

// TestTraceWithoutTracer: what is picked fails, what is not goes on.
func TestTraceWithoutTracer(t *testing.T) {
	done := make(chan [3]error)
	go notMain(func() {
		installed, err := Filter{Sockets: true}.Trace()
		_, socket := openSocket()
		fd, other := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		unix.Close(fd)
		if err == nil && installed.Listener != nil {
			err = errors.New("there is a listener")
		}
		done <- [3]error{err, socket, other}
	})
	if got := <-done; got != [3]error{nil, unix.ENOSYS, nil} {
		t.Errorf("installed, socket, other: %v", got)
	}
}
