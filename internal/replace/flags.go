package replace

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// owner is struct f_owner_ex (asm-generic/fcntl.h).
type owner struct{ kind, pid int32 }

// Commands of fcntl(2) that x/sys/unix does not have (asm-generic/fcntl.h).
const (
	setSignal = 10 // F_SETSIG
	getSignal = 11 // F_GETSIG
	setOwner  = 15 // F_SETOWN_EX
	getOwner  = 16 // F_GETOWN_EX
)

// carryFlags gives a file the status flags of another: O_NONBLOCK, and O_ASYNC with
// who gets which signal.
func carryFlags(fd, old int) error {
	if err := carryOwner(fd, old); err != nil {
		return err
	}
	flags, err := unix.FcntlInt(uintptr(old), unix.F_GETFL, 0)
	if err != nil {
		return os.NewSyscallError("fcntl F_GETFL", err)
	}
	_, err = unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags)
	return os.NewSyscallError("fcntl F_SETFL", err)
}

func carryOwner(fd, old int) error {
	var who owner
	if err := fcntl(old, getOwner, uintptr(unsafe.Pointer(&who))); err != nil {
		return os.NewSyscallError("fcntl F_GETOWN_EX", err)
	}
	if who.pid != 0 {
		if err := fcntl(fd, setOwner, uintptr(unsafe.Pointer(&who))); err != nil {
			return &OptionError{"F_SETOWN", err}
		}
	}
	signal, err := unix.FcntlInt(uintptr(old), getSignal, 0)
	if err == nil && signal != 0 {
		_, err = unix.FcntlInt(uintptr(fd), setSignal, signal)
	}
	return os.NewSyscallError("fcntl F_SETSIG", err)
}

func fcntl(fd, command int, argument uintptr) error {
	if _, _, errno := unix.Syscall(unix.SYS_FCNTL, uintptr(fd), uintptr(command), argument); errno != 0 {
		return errno
	}
	return nil
}
