package mptcp

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The options of level SOL_MPTCP, include/uapi/linux/mptcp.h.
const (
	optInfo         = 1 // Linux 5.16
	optTCPInfo      = 2 // Linux 5.16
	optSubflowAddrs = 3 // Linux 5.16
	optFullInfo     = 4 // Linux 6.5
)

// optIsMPTCP is TCP_IS_MPTCP of level IPPROTO_TCP, include/uapi/linux/tcp.h,
// Linux 6.10.
const optIsMPTCP = 43

// getsockopt reads an MPTCP option. It returns how much of buf, which must not
// be empty, the kernel filled.
func getsockopt(fd, option int, buf []byte) (int, error) {
	return getsockoptAt(fd, unix.SOL_MPTCP, option, buf)
}

func getsockoptAt(fd, level, option int, buf []byte) (int, error) {
	size := uint32(len(buf))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
		uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, errno
	}
	return min(int(size), len(buf)), nil
}
