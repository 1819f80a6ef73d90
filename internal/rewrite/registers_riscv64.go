package rewrite

import "golang.org/x/sys/unix"

func argument(r *unix.PtraceRegs, i int) *uint64 {
	return [...]*uint64{&r.A0, &r.A1, &r.A2}[i]
}

// skip makes a call that is about to happen end without happening.
func skip(tid int) error {
	return change(tid, func(r *unix.PtraceRegs) { r.A7 = ^uint64(0) })
}

// skipped undoes what skip has left where the program sees it, when the call has ended.
func (c *call) skipped(tid int) error {
	return change(tid, func(r *unix.PtraceRegs) { r.A7 = uint64(c.Number) })
}

func (c *call) rewritable() bool { return c.Arch == unix.AUDIT_ARCH_RISCV64 }
