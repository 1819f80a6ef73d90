package seccomp

import "golang.org/x/sys/unix"

var abis = []abi{{
	unix.AUDIT_ARCH_S390X, 0,
	unix.SYS_SOCKET, unix.SYS_SOCKETCALL, unix.SYS_BIND, unix.SYS_CONNECT, unix.SYS_SECCOMP,
}, {unix.AUDIT_ARCH_S390, 0, 359, 102, 361, 362, 348}}
