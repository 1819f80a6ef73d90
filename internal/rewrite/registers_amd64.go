package rewrite

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Of 32-bit programs these are the halves which those know: the third argument is in
// edx, too, however the call is made (int 0x80, sysenter, syscall).
const (
	protocolRegister = unsafe.Offsetof(unix.PtraceRegs{}.Rdx)
	resultRegister   = unsafe.Offsetof(unix.PtraceRegs{}.Rax)
	numberRegister   = unsafe.Offsetof(unix.PtraceRegs{}.Orig_rax)
	ipRegister       = unsafe.Offsetof(unix.PtraceRegs{}.Rip)
)
