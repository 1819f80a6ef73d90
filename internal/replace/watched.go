package replace

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rewatch tells an epoll instance of a process of the socket that is to be its fd,
// as it was told of the one with an inode that is fd now. Programs that do so before
// they connect would wait for ever else: nginx, for its upstream servers, and what is
// built on Asio. The kernel takes back what the instance knows of either socket when
// that is closed.
func rewatch(tid, instance, fd int, inode uint64, socket int) error {
	content, err := os.ReadFile(procPath(tid, "fdinfo", strconv.Itoa(instance)))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWatched, err)
	}
	event, found := registration(content, fd, inode)
	if !found {
		return nil // forgotten meanwhile, or that of another socket
	}
	epoll, err := copyOf(tid, instance)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWatched, err)
	}
	defer unix.Close(epoll)
	if err := register(epoll, socket, fd, event); err != nil {
		return fmt.Errorf("%w: register the new one: %w", ErrWatched, err)
	}
	return nil
}

// registration finds what an epoll instance was told, in its file of /proc: lines as
// `tfd: 9 events: 8000201d data: 55d5... pos:0 ino:3ea1 sdev:8`, all but tfd in
// hexadecimal.
func registration(content []byte, fd int, inode uint64) (event unix.EpollEvent, found bool) {
	for line := range bytes.Lines(content) {
		var number int
		var events uint32
		var data, ino uint64
		n, _ := fmt.Sscanf(string(line), "tfd: %d events: %x data: %x pos:%d ino:%x", &number, &events, &data, new(int), &ino)
		if n == 5 && number == fd && ino == inode {
			event.Events = events
			*(*uint64)(unsafe.Pointer(&event.Fd)) = data // Fd and Pad are the union in struct epoll_event
			return event, true
		}
	}
	return event, false
}

// register adds a socket to an epoll instance under a number, which is part of what the
// instance knows a file by. Since we have something else under that number, it is done
// by a thread with a table of descriptors of its own. It has ended when register
// returns: its table has a copy of the old socket, too.
func register(epoll, socket, number int, event unix.EpollEvent) error {
	thread := make(chan int)
	var err error
	go offMain(func() {
		if err = unix.Unshare(unix.CLONE_FILES); err == nil {
			err = registerHere(epoll, socket, number, event)
		}
		thread <- unix.Gettid()
	})
	for tid := <-thread; unix.Tgkill(os.Getpid(), tid, 0) == nil; {
		time.Sleep(20 * time.Microsecond)
	}
	return err
}

// offMain runs fn on a thread that ends with the goroutine, which offMain has to be all
// of. The main thread would not, and /proc shows its table for that of the process.
func offMain(fn func()) {
	runtime.LockOSThread()
	if unix.Gettid() != os.Getpid() {
		fn()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // Not the main thread, which is taken.
		fn()
	}()
	<-done
	runtime.UnlockOSThread()
}

// registerHere leaves the number to what it was for as soon as can be: the scheduler,
// which has descriptors, too, may run on this thread.
func registerHere(epoll, socket, number int, event unix.EpollEvent) error {
	dup := func(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, number+1) }
	kept, err := dup(number)
	if err != nil {
		kept = -1
	}
	if epoll, err = dup(epoll); err != nil {
		return err
	}
	if socket, err = dup(socket); err != nil {
		return err
	}
	_, _, errno := unix.RawSyscall(unix.SYS_DUP3, uintptr(socket), uintptr(number), unix.O_CLOEXEC)
	if errno == 0 {
		_, _, errno = unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(epoll), unix.EPOLL_CTL_ADD, uintptr(number), uintptr(unsafe.Pointer(&event)), 0, 0)
	}
	if kept >= 0 {
		unix.RawSyscall(unix.SYS_DUP3, uintptr(kept), uintptr(number), unix.O_CLOEXEC)
	}
	if errno != 0 {
		return errno
	}
	return nil
}
