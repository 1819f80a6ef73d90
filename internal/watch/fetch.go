package watch

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Why a socket is not where it was.
var (
	errClosed = errors.New("not there any more")
	errBarred = errors.New("may not be looked into")
	errLater  = errors.New("no room for its descriptor now")
)

// mostPidfds is how many processes are kept open.
const mostPidfds = 64

// fetch returns a descriptor of a socket of another process, to be closed at once.
// looking is held.
func (w *Watcher) fetch(pid, fd int32) (int, error) {
	for try := range 2 {
		pidfd, err := w.pidfd(pid)
		if err != nil {
			return -1, explain(err)
		}
		mine, err := unix.PidfdGetfd(pidfd, int(fd), 0)
		if err == unix.ESRCH && try == 0 { // It may be another process's number now.
			unix.Close(pidfd)
			delete(w.pidfds, pid)
			continue
		}
		return mine, explain(err)
	}
	return -1, errClosed
}

// fetchOnce is fetch for one socket of a process, whoever holds looking.
func fetchOnce(pid, fd int32) (int, error) {
	pidfd, err := unix.PidfdOpen(int(pid), 0)
	if err != nil {
		return -1, explain(err)
	}
	defer unix.Close(pidfd)
	mine, err := unix.PidfdGetfd(pidfd, int(fd), 0)
	return mine, explain(err)
}

func explain(err error) error {
	switch err {
	case nil:
		return nil
	case unix.EPERM, unix.EACCES, unix.ENOSYS:
		return errBarred
	case unix.EMFILE, unix.ENFILE, unix.ENOMEM:
		return errLater
	}
	return errClosed
}

// fetchSocket returns a descriptor of the socket with a cookie, and not of another
// that has its number now.
func (w *Watcher) fetchSocket(pid, fd int32, cookie uint64) (int, error) {
	mine, err := w.fetch(pid, fd)
	if err != nil {
		return -1, err
	}
	if c, err := unix.GetsockoptUint64(mine, unix.SOL_SOCKET, unix.SO_COOKIE); err != nil || c != cookie {
		unix.Close(mine)
		return -1, errClosed
	}
	return mine, nil
}

func (w *Watcher) pidfd(pid int32) (int, error) {
	if fd, ok := w.pidfds[pid]; ok {
		return fd, nil
	}
	if len(w.pidfds) >= mostPidfds {
		w.closePidfds()
	}
	fd, err := unix.PidfdOpen(int(pid), 0)
	if err != nil {
		return -1, err
	}
	w.pidfds[pid] = fd
	return fd, nil
}

func (w *Watcher) closePidfds() {
	for _, fd := range w.pidfds {
		unix.Close(fd)
	}
	clear(w.pidfds)
}
