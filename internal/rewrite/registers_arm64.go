package rewrite

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func argument(r *unix.PtraceRegs, i int) *uint64 { return &r.Regs[i] }

// systemCall is NT_ARM_SYSTEM_CALL (linux/elf.h): the number is no register.
const systemCall = 0x404

// skip makes a call that is about to happen end without happening.
func skip(tid int) error {
	number := int32(-1)
	return regset(unix.PTRACE_SETREGSET, tid, systemCall, unsafe.Pointer(&number), unsafe.Sizeof(number))
}

// skipped is for what skip has left where the program sees it: nothing.
func (c *call) skipped(int) error { return nil }

func (c *call) rewritable() bool { return c.Arch == unix.AUDIT_ARCH_AARCH64 }
