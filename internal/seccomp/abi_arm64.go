package seccomp

import "golang.org/x/sys/unix"

var abis = []abi{{
	unix.AUDIT_ARCH_AARCH64, 0,
	unix.SYS_SOCKET, none, unix.SYS_BIND, unix.SYS_CONNECT, unix.SYS_SECCOMP,
}, {unix.AUDIT_ARCH_ARM, 0, 281, none, 282, 283, 383}}
