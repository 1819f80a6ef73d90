package notify

import (
	"os"
	"unsafe"

	"allroads/internal/seccomp"

	"golang.org/x/sys/unix"
)

// slot is what the supervisor is at, in memory that its standby has as well.
type slot struct {
	// call is written by the kernel in the same step in which it is received: there
	// is no moment in which a supervisor that is killed leaves a call behind that
	// nobody knows.
	call seccomp.Notification
	// inode of the socket that is being put into the program, which the standby
	// looks for there; 0: none.
	inode uint64
}

const slotSize = int(unsafe.Sizeof(slot{}))

// newSlot makes a slot in a file, by which others can have it.
func newSlot() (*slot, *os.File, error) {
	fd, err := unix.MemfdCreate("allroads", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(fd), "allroads")
	if err := file.Truncate(int64(slotSize)); err != nil {
		file.Close()
		return nil, nil, err
	}
	s, err := slotOf(fd)
	if err != nil {
		file.Close()
	}
	return s, file, err
}

// slotOf is the slot in a file. It stays until the process ends.
func slotOf(fd int) (*slot, error) {
	memory, err := unix.Mmap(fd, 0, slotSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return (*slot)(unsafe.Pointer(unsafe.SliceData(memory))), nil
}
