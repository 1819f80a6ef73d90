package seccomp

import "golang.org/x/sys/unix"

// abi are the numbers of the picked system calls in one calling convention of the
// kernel. A program may use each that its kernel has: on amd64 that of i386, too.
type abi struct {
	arch       uint32 // AUDIT_ARCH_*
	variant    uint32 // a bit that calls of a variant have, with the same numbers
	socket     uint32
	socketcall uint32 // the one call in the place of many (net/socket.c), or none
	bind       uint32
	connect    uint32
	seccomp    uint32
}

// none is the number of no system call.
const none = ^uint32(0)

// ring is io_uring_setup(2), which has this number everywhere.
const ring = 425

// i386 is how 32-bit programs call an amd64 kernel, and their own.
var i386 = abi{unix.AUDIT_ARCH_I386, 0, 359, 102, 361, 362, 354}

// find returns the convention that a call was made in.
func find(arch uint32) (abi, bool) {
	for _, a := range abis {
		if a.arch == arch {
			return a, true
		}
	}
	return abi{}, false
}
