//go:build amd64 || 386

package rewrite

import "golang.org/x/sys/unix"

// supported: the registers of this processor are known.
const supported = true

// instruction is the length of each that makes a call: 0f 05, cd 80. After 0f 34
// (sysenter), in front of where the kernel returns to, there is a cd 80 for this purpose
// (arch/x86/entry/vdso/vdso32/system_call.S).
const instruction = 2

func poke(tid int, register, value uintptr) error {
	return ptrace(unix.PTRACE_POKEUSR, tid, register, value)
}

func setProtocol(tid int, value uint64) error { return poke(tid, protocolRegister, uintptr(value)) }
func setResult(tid int, value int64) error    { return poke(tid, resultRegister, uintptr(value)) }

// skip makes a call that is about to happen end without happening.
func skip(tid int) error { return poke(tid, numberRegister, ^uintptr(0)) }

// skipped is for what skip has left where the program sees it: nothing.
func (c *call) skipped(int) error { return nil }

// repeat makes a call that has just ended happen again, after any signal handlers.
func (c *call) repeat(tid int) error {
	if err := poke(tid, resultRegister, uintptr(c.Number)); err != nil {
		return err
	}
	return poke(tid, ipRegister, uintptr(c.IP-instruction))
}

// rewritable: calls of 32-bit programs are, too.
func (c *call) rewritable() bool { return true }
