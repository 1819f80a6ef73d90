package seccomp

import "golang.org/x/sys/unix"

var abis = []abi{{
	unix.AUDIT_ARCH_X86_64, x32,
	unix.SYS_SOCKET, none, unix.SYS_BIND, unix.SYS_CONNECT, unix.SYS_SECCOMP,
}, i386}

// x32 is in the numbers of calls with 32-bit pointers (__X32_SYSCALL_BIT).
const x32 = 0x40000000
