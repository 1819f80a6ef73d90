package rewrite

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// signalMask is which signals a stopped task blocks, bit 0 the first (the kernel's
// sigset_t, of 64 bits everywhere here).
type signalMask struct {
	bits    uint64
	changed bool
}

// unblock takes one signal out of a task's mask, and returns what was there.
func unblock(tid int, signal unix.Signal) (before signalMask) {
	if ptrace(unix.PTRACE_GETSIGMASK, tid, unsafe.Sizeof(before.bits), uintptr(unsafe.Pointer(&before.bits))) != nil {
		return before
	}
	if one := uint64(1) << (signal - 1); before.bits&one != 0 {
		before.changed = true
		without := before.bits &^ one
		_ = ptrace(unix.PTRACE_SETSIGMASK, tid, unsafe.Sizeof(without), uintptr(unsafe.Pointer(&without)))
	}
	return before
}

func (m *signalMask) restore(tid int) {
	if m.changed {
		_ = ptrace(unix.PTRACE_SETSIGMASK, tid, unsafe.Sizeof(m.bits), uintptr(unsafe.Pointer(&m.bits)))
	}
}
