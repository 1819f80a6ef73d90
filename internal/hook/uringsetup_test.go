package hook

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// uringSetup makes a ring; raw is struct io_uring_params.
func uringSetup(raw []byte) (int, error) {
	fd, _, number := unix.Syscall(unix.SYS_IO_URING_SETUP, uringEntries, uintptr(unsafe.Pointer(&raw[0])), 0)
	if number != 0 {
		return -1, os.NewSyscallError("io_uring_setup", number)
	}
	return int(fd), nil
}
