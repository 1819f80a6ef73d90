package rewrite

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	protocolRegister = unsafe.Offsetof(unix.PtraceRegs{}.Edx)
	resultRegister   = unsafe.Offsetof(unix.PtraceRegs{}.Eax)
	numberRegister   = unsafe.Offsetof(unix.PtraceRegs{}.Orig_eax)
	ipRegister       = unsafe.Offsetof(unix.PtraceRegs{}.Eip)
)
