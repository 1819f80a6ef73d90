package notify

import (
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// pidfdThread is PIDFD_THREAD (linux/pidfd.h): a thread may have a table of descriptors of
// its own. Linux 6.9.
const pidfdThread = unix.O_EXCL

// fetch copies a descriptor of a thread. Needs Linux 5.6, and the right to trace it.
func fetch(thread, fd int) (int, error) {
	pidfd, err := unix.PidfdOpen(thread, pidfdThread)
	if err == unix.EINVAL {
		pidfd, err = unix.PidfdOpen(tally.ProcessOf(thread).PID, 0)
	}
	if err != nil {
		return -1, err
	}
	defer unix.Close(pidfd)
	return unix.PidfdGetfd(pidfd, fd, 0)
}

// isFreshTCP reports whether a descriptor of a thread is a TCP socket that is not
// connected.
func isFreshTCP(thread, fd int) bool {
	mine, err := fetch(thread, fd)
	if err != nil {
		return false
	}
	defer unix.Close(mine)
	protocol, err := unix.GetsockoptInt(mine, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	if err != nil || protocol != unix.IPPROTO_TCP {
		return false
	}
	const tcpClose = 7 // TCP_CLOSE
	info, err := unix.GetsockoptTCPInfo(mine, unix.IPPROTO_TCP, unix.TCP_INFO)
	return err == nil && info.State == tcpClose
}
