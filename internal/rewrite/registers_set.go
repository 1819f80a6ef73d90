//go:build arm64 || riscv64

package rewrite

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// supported: the registers of this processor are known.
const supported = true

// instruction is the length of svc, and of ecall.
const instruction = 4

// change reads a task's registers, and writes them as fn leaves them. Not to be called
// for a task of 32 bits, whose registers are others.
func change(tid int, fn func(*unix.PtraceRegs)) error {
	var r unix.PtraceRegs
	if err := regset(unix.PTRACE_GETREGSET, tid, unix.NT_PRSTATUS, unsafe.Pointer(&r), unsafe.Sizeof(r)); err != nil {
		return err
	}
	fn(&r)
	return regset(unix.PTRACE_SETREGSET, tid, unix.NT_PRSTATUS, unsafe.Pointer(&r), unsafe.Sizeof(r))
}

func regset(request, tid, set int, data unsafe.Pointer, size uintptr) error {
	vector := unix.Iovec{Base: (*byte)(data)}
	vector.SetLen(int(size))
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), uintptr(set), uintptr(unsafe.Pointer(&vector)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func setProtocol(tid int, value uint64) error {
	return change(tid, func(r *unix.PtraceRegs) { *argument(r, 2) = value })
}

// The result is where the first argument was.
func setResult(tid int, value int64) error {
	return change(tid, func(r *unix.PtraceRegs) { *argument(r, 0) = uint64(value) })
}

// repeat makes a call that has just ended happen again, after any signal handlers. Its
// number is still in its register.
func (c *call) repeat(tid int) error {
	return change(tid, func(r *unix.PtraceRegs) {
		*argument(r, 0) = c.Args[0]
		r.Pc = c.IP - instruction
	})
}
