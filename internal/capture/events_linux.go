package capture

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// events waits for several rings at once without a goroutine for each: an epoll
// instance (epoll(7)), for which in turn the runtime's poller waits.
type events struct {
	file *os.File
	poll syscall.RawConn
	list []unix.EpollEvent
	some func(uintptr) bool // there are events; kept, as a closure takes memory
}

func watch(rings []*Ring) (*events, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make epoll instance: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("make epoll instance non-blocking: %w", err)
	}
	e := &events{file: os.NewFile(uintptr(fd), "epoll"), list: make([]unix.EpollEvent, 64)}
	e.some = func(uintptr) bool {
		n, err := unix.EpollWait(fd, e.list, 0)
		return n > 0 || err != nil
	}
	if err := e.setUp(fd, rings); err != nil {
		e.file.Close()
		return nil, err
	}
	return e, nil
}

// setUp asks for each event once: a ring counts as readable for as long as its
// last block is held.
func (e *events) setUp(fd int, rings []*Ring) (err error) {
	for i, r := range rings {
		event := &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: int32(i)}
		err := unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, r.socket.fd, event)
		if errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("ring %d is given twice: %w", i, err)
		}
		if err != nil {
			return fmt.Errorf("watch ring %d: %w", i, err)
		}
	}
	// Without a deadline to move, wake could not wake anybody.
	if err := e.file.SetReadDeadline(time.Time{}); err != nil {
		return fmt.Errorf("poll rings: %w", err)
	}
	e.poll, err = e.file.SyscallConn()
	return err
}

// wait returns when some ring has handed over a block since the last time, and
// from wake on at once.
func (e *events) wait() error {
	err := e.poll.Read(e.some)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

func (e *events) wake() { _ = e.file.SetReadDeadline(time.Unix(1, 0)) } // watch has seen that it works.

// close may be called again: then it does nothing.
func (e *events) close() error {
	if err := e.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close epoll instance: %w", err)
	}
	return nil
}
