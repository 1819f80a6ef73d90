package hook

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// Numbers of include/uapi/linux/io_uring.h.
const (
	uringOpSocket  = 45
	uringOffSQ     = 0
	uringOffCQ     = 0x8000000
	uringOffSQEs   = 0x10000000
	uringGetEvents = 1
	uringEntries   = 2
)

// uringProtocol makes a socket of TCP by io_uring, and says which protocol it has.
func uringProtocol() string {
	fd, err := uringSocket(unix.AF_INET, unix.SOCK_STREAM)
	if err != nil {
		return "error " + err.Error()
	}
	defer unix.Close(fd)
	return protocolOf(fd)
}

// uringSocket makes one ring for one IORING_OP_SOCKET (Linux 5.19).
func uringSocket(family, kind int) (int, error) {
	var params uringParams
	ring, err := params.setup()
	if err != nil {
		return -1, err
	}
	defer unix.Close(ring)
	var queues [3][]byte
	for i, offset := range []int64{uringOffSQ, uringOffCQ, uringOffSQEs} {
		queues[i], err = unix.Mmap(ring, offset, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			return -1, os.NewSyscallError("mmap io_uring", err)
		}
		defer func() { _ = unix.Munmap(queues[i]) }()
	}
	submission, completion, entry := queues[0], queues[1], queues[2]
	entry[0] = uringOpSocket
	binary.NativeEndian.PutUint32(entry[4:], uint32(family))
	binary.NativeEndian.PutUint64(entry[8:], uint64(kind))
	binary.NativeEndian.PutUint32(submission[params.sqArray:], 0)
	binary.NativeEndian.PutUint32(submission[params.sqTail:], 1)
	if _, _, number := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(ring), 1, 1, uringGetEvents, 0, 0); number != 0 {
		return -1, os.NewSyscallError("io_uring_enter", number)
	}
	if binary.NativeEndian.Uint32(completion[params.cqTail:]) != 1 {
		return -1, errors.New("io_uring: nothing was completed")
	}
	result := int32(binary.NativeEndian.Uint32(completion[params.cqes+8:]))
	if result < 0 {
		return -1, os.NewSyscallError("IORING_OP_SOCKET", unix.Errno(-result))
	}
	return int(result), nil
}

// TestIOUring: a socket that io_uring makes is TCP, as said in the documentation of
// this package. When this fails, the kernel has learnt it: say so there.
func TestIOUring(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "uring")
	h := hooked(t, c)
	p := start(t, c)
	if got := p.ask("uring"); got != isTCP {
		t.Errorf("io_uring makes a socket of protocol %s", got)
	}
	wantCounts(t, h, 0, 0)
	p.wantTCP(isMPTCP, "the same program's system call")
}

// uringParams are what io_uring_setup tells of where things are in the queues.
type uringParams struct{ sqTail, sqArray, cqTail, cqes uint32 }

func (p *uringParams) setup() (int, error) {
	raw := make([]byte, 120)
	fd, err := uringSetup(raw)
	if err != nil {
		return -1, err
	}
	field := func(at int) uint32 { return binary.NativeEndian.Uint32(raw[at:]) }
	*p = uringParams{sqTail: field(44), sqArray: field(64), cqTail: field(84), cqes: field(100)}
	if p.cqes == 0 {
		return -1, fmt.Errorf("io_uring_setup: no place for completions")
	}
	return fd, nil
}
