package replace

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sole finds out whether the number fd is all that a thread's process has of a socket,
// of which old is our copy: another number would keep the old socket. It returns the
// numbers of the epoll instances that were told of it.
func sole(tid, fd int, inode uint64) (instances []int, err error) {
	socket := fmt.Appendf(nil, "socket:[%d]", inode)
	directory, err := os.Open(procPath(tid, "fd"))
	if err != nil {
		return nil, fmt.Errorf("look for other descriptors of the socket: %w", err)
	}
	defer directory.Close()
	names, err := directory.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("look for other descriptors of the socket: %w", err)
	}
	var link [64]byte
	for _, name := range names {
		n, err := unix.Readlinkat(int(directory.Fd()), name, link[:])
		number, bad := strconv.Atoi(name)
		if err != nil || bad != nil || number == fd { // closed meanwhile
			continue
		}
		switch {
		case bytes.Equal(link[:n], socket):
			return nil, ErrShared
		case string(link[:n]) == "anon_inode:[eventpoll]" && watches(tid, number, fd):
			instances = append(instances, number)
		}
	}
	return instances, nil
}

func inodeOf(fd int) (uint64, error) {
	var stat unix.Stat_t
	err := unix.Fstat(fd, &stat)
	return stat.Ino, os.NewSyscallError("fstat", err)
}

// epollSlot is struct kcmp_epoll_slot (linux/kcmp.h).
type epollSlot struct{ instance, target, offset uint32 }

// watches reports whether an epoll instance has an entry for the socket that fd is;
// where kcmp(2) is not there, it may be one of a socket that had the number before.
func watches(tid, instance, fd int) bool {
	const kcmpEpollTarget = 7
	for slot := (epollSlot{uint32(instance), uint32(fd), 0}); ; slot.offset++ {
		order, _, errno := unix.Syscall6(unix.SYS_KCMP, uintptr(tid), uintptr(tid), kcmpEpollTarget,
			uintptr(fd), uintptr(unsafe.Pointer(&slot)), 0)
		switch {
		case errno == unix.ENOENT:
			return false
		case errno != 0 || order == 0:
			return true
		}
	}
}
