package seccomp

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Kind is what a picked call does.
type Kind int

const (
	Other Kind = iota
	Socket
	Bind
	Connect
	Ring
	OwnListener
)

// Call is a picked call, whichever way it was made.
type Call struct {
	Kind Kind
	// Args are those of the call of this kind as it is in its manual page.
	Args [3]uint64
}

// Family, Type and Protocol are the arguments of socket(), Type without flags.
func (c Call) Family() int   { return int(int32(c.Args[0])) }
func (c Call) Type() int     { return int(int32(c.Args[1])) &^ typeFlags }
func (c Call) Protocol() int { return int(int32(c.Args[2])) }

// CloseOnExec and NonBlocking are the flags of socket().
func (c Call) CloseOnExec() bool { return c.Args[1]&unix.SOCK_CLOEXEC != 0 }
func (c Call) NonBlocking() bool { return c.Args[1]&unix.SOCK_NONBLOCK != 0 }

// Stream reports whether the call makes a socket that could be one of MPTCP.
func (c Call) Stream() bool {
	return c.Kind == Socket && (c.Family() == unix.AF_INET || c.Family() == unix.AF_INET6) &&
		c.Type() == unix.SOCK_STREAM && (c.Protocol() == 0 || c.Protocol() == unix.IPPROTO_TCP)
}

// Decode says what a call does. The arguments of socketcall() are read from the
// memory of its thread, which may change them until it goes on.
func (d Data) Decode(pid int) (Call, error) {
	call := Call{Args: [3]uint64(d.Args[:3])}
	a, known := find(d.Arch)
	if !known {
		return call, nil
	}
	switch d.Number &^ a.variant {
	case a.socket:
		call.Kind = Socket
	case a.bind:
		call.Kind = Bind
	case a.connect:
		call.Kind = Connect
	case ring:
		call.Kind = Ring
	case a.seccomp:
		call.Kind = OwnListener
	case a.socketcall:
		return d.socketcall(pid)
	}
	return call, nil
}

// socketcall reads `unsigned long args[]`, which is half as long for 32-bit programs.
func (d Data) socketcall(pid int) (Call, error) {
	kinds := map[uint64]Kind{1: Socket, 2: Bind, 3: Connect}
	call := Call{Kind: kinds[d.Args[0]]}
	size := 4
	if d.Arch&auditArch64Bit != 0 {
		size = 8
	}
	memory := make([]byte, 3*size)
	if err := Read(pid, d.Args[1], memory); err != nil {
		return call, err
	}
	for i := range call.Args {
		if size == 4 {
			call.Args[i] = uint64(binary.NativeEndian.Uint32(memory[4*i:]))
		} else {
			call.Args[i] = binary.NativeEndian.Uint64(memory[8*i:])
		}
	}
	return call, nil
}

// auditArch64Bit is __AUDIT_ARCH_64BIT (linux/audit.h).
const auditArch64Bit = 0x80000000

// Read fills b with the memory of a thread at an address.
func Read(pid int, address uint64, b []byte) error {
	local := []unix.Iovec{{Base: unsafe.SliceData(b)}}
	local[0].SetLen(len(b))
	remote := []unix.RemoteIovec{{Base: uintptr(address), Len: len(b)}}
	n, err := unix.ProcessVMReadv(pid, local, remote, 0)
	if err == nil && n < len(b) {
		err = unix.EFAULT
	}
	if err != nil {
		return fmt.Errorf("read memory of thread %d: %w", pid, err)
	}
	return nil
}
