package convert

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// inheritable are the descriptors beyond the first three that the program will have.
// It is asked before we open any that it should not.
func inheritable() (list []int) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd <= 2 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			list = append(list, fd)
		}
	}
	return list
}

// letGo closes what the program has now, so that when it closes the end of a pipe, that
// is the last. Standard error is kept, for the report.
func letGo(inherited []int) {
	for _, fd := range inherited {
		unix.Close(fd)
	}
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return // They are kept, which is no more than a nuisance.
	}
	defer unix.Close(null)
	for fd := range 2 {
		_ = unix.Dup3(null, fd, unix.O_CLOEXEC)
	}
}
