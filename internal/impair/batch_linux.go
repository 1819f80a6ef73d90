package impair

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// batchSize is how many frames are read or sent at a time: enough to make little
// of the cost of a system call, and so few that the next due is not late.
const batchSize = 32

// mmsghdr is the kernel's struct mmsghdr (sendmmsg(2)).
type mmsghdr struct {
	header unix.Msghdr
	length uint32
}

// A batch is frames to be sent with one system call.
type batch struct {
	headers [batchSize]mmsghdr
	vectors [batchSize]unix.Iovec
	frames  [batchSize][]byte
	first   int // of those not sent
	end     int
}

func (b *batch) empty() bool { return b.first == b.end }

func (b *batch) full() bool { return b.end == batchSize }

// add takes a frame, which must stay as it is until it is sent.
func (b *batch) add(frame []byte) {
	i := b.end
	b.frames[i] = frame
	b.vectors[i].Base = &frame[0]
	b.vectors[i].SetLen(len(frame))
	b.headers[i].header.Iov = &b.vectors[i]
	b.headers[i].header.SetIovlen(1)
	b.end++
}

// send sends what it can without waiting. The error is about the frame after
// those sent.
func (b *batch) send(fd int) (sent int, err error) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd),
		uintptr(unsafe.Pointer(&b.headers[b.first])), uintptr(b.end-b.first), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// take removes the first frame, sent or not, so that its memory can be used again.
func (b *batch) take() []byte {
	frame := b.frames[b.first]
	b.frames[b.first] = nil
	b.vectors[b.first].Base = nil
	b.first++
	if b.empty() {
		b.first, b.end = 0, 0
	}
	return frame
}
