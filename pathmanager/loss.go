package pathmanager

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// loss finds the place in the stream where events are missing.
//
// The kernel tells of a loss at once (ENOBUFS), ahead of what is still in the
// queue, and then drops all that comes until the reader has emptied the queue
// (NETLINK_S_CONGESTED of net/netlink/af_netlink.c). So the place is behind the
// last message that is taken from a queue which only shrinks.
type loss struct {
	pending bool   // noticed, and not yet reported
	at      bool   // the place is reached
	queued  uint32 // bytes in the queue when last looked at
	drops   uint32 // the socket's counter at the last report
}

// begin remembers the counter's first value.
func (s *loss) begin(raw syscall.RawConn) error {
	memory, err := memoryOf(raw)
	s.drops = memory.drops
	return err
}

// noticed begins to look for the place.
func (s *loss) noticed(raw syscall.RawConn) error {
	memory, err := memoryOf(raw)
	s.pending, s.queued, s.at = true, memory.queued, memory.queued == 0
	return err
}

// taken looks whether the message that was just taken was the last one before
// the place. A queue that did not shrink has been empty meanwhile.
func (s *loss) taken(raw syscall.RawConn) error {
	if !s.pending || s.at {
		return nil
	}
	memory, err := memoryOf(raw)
	s.at = memory.queued == 0 || memory.queued >= s.queued
	s.queued = memory.queued
	return err
}

// report returns the event when its place is reached.
func (s *loss) report(raw syscall.RawConn) (Event, bool) {
	if !s.at {
		return Event{}, false
	}
	event := Event{Type: Loss, Time: time.Now(), NetNSID: -1}
	if memory, err := memoryOf(raw); err == nil {
		event.Lost = uint64(memory.drops - s.drops)
		event.LostKnown = event.Lost > 0
		s.drops = memory.drops
	}
	s.pending, s.at = false, false
	return event, true
}

// memory is what SO_MEMINFO tells (Linux 4.12).
type memory struct {
	queued uint32 // SK_MEMINFO_RMEM_ALLOC, bytes
	drops  uint32 // SK_MEMINFO_DROPS, messages since the socket was made
}

func memoryOf(raw syscall.RawConn) (memory, error) {
	var info [9]uint32
	size := uint32(unsafe.Sizeof(info))
	var errno syscall.Errno
	err := raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return memory{queued: info[0], drops: info[8]}, err
}
