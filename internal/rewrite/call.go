package rewrite

import (
	"encoding/binary"

	"allroads/internal/seccomp"

	"golang.org/x/sys/unix"
)

// call is a picked call of a stopped task.
type call struct {
	seccomp.Data
	sp uint64
	// protocol is what the caller wants, all of its register or word of memory.
	protocol uint64
	// refused is the error of a call that does not happen; 0: it does.
	refused unix.Errno
	// unavailable is why the first try had no MPTCP: this is the second, unchanged.
	unavailable string
}

func (s *syscallInfo) call() *call {
	return &call{
		Data: seccomp.Data{
			Number: uint32(s.entry[0]), Arch: s.arch, IP: s.ip, Args: [6]uint64(s.entry[1:]),
		},
		sp: s.sp,
	}
}

// same reports whether one call is the other's repetition, and not, with the same
// arguments, one of a signal handler in between, whose stack is another.
func (c *call) same(other *call) bool {
	return other != nil && c.Data == other.Data && c.sp == other.sp
}

// inMemory reports whether the protocol is in memory, as that of socketcall() is, and
// where. It takes a pointer to unsigned longs; those are of 32 bits in all conventions
// that have the call and are written here.
func (c *call) inMemory() (address uint64, yes bool) {
	const i386Socketcall = 102
	return c.Args[1] + 2*4, c.Arch == unix.AUDIT_ARCH_I386 && c.Number == i386Socketcall
}

// put makes the call one for another protocol.
func (c *call) put(tid int, protocol uint64) error {
	address, yes := c.inMemory()
	if !yes {
		return setProtocol(tid, protocol)
	}
	return write(tid, address, binary.NativeEndian.AppendUint32(nil, uint32(protocol)))
}

// write changes the memory of a thread where the thread itself could.
func write(tid int, address uint64, b []byte) error {
	local := []unix.Iovec{{Base: &b[0]}}
	local[0].SetLen(len(b))
	n, err := unix.ProcessVMWritev(tid, local, []unix.RemoteIovec{{Base: uintptr(address), Len: len(b)}}, 0)
	if err == nil && n < len(b) {
		err = unix.EFAULT
	}
	return err
}

// refuse makes a call that is about to happen fail instead.
func (c *call) refuse(tid int, errno unix.Errno) error {
	if err := skip(tid); err != nil {
		return err
	}
	c.refused = errno
	return nil
}
