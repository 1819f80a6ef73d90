package pathmanager

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"

	"golang.org/x/sys/unix"
)

// Events yields what happens, as it happens. It ends with Close; any error ends
// it too. It may be called again after a break and goes on where it was, but not
// by two goroutines at once.
func (l *Listener) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			event, err := l.next()
			if l.closed.Load() {
				return
			}
			if !yield(event, err) || err != nil {
				return
			}
		}
	}
}

// next waits for an event.
func (l *Listener) next() (Event, error) {
	for {
		event, ok, err := l.waiting()
		if err != nil {
			return Event{}, fmt.Errorf("read events: %w", err)
		}
		if ok {
			return event, nil
		}
		if err := l.receive(); err != nil {
			return Event{}, fmt.Errorf("read events: %w", err)
		}
	}
}

// waiting returns the next event of what was received, or the loss behind it.
func (l *Listener) waiting() (Event, bool, error) {
	for len(l.rest) > 0 {
		command, data, ours, err := l.message()
		if err != nil {
			return Event{}, false, err
		}
		if ours {
			event, err := decodeEvent(command, data)
			event.Time, event.NetNSID = time.Now(), l.netns
			return event, true, err
		}
	}
	event, due := l.loss.report(l.raw)
	return event, due, nil
}

// receive waits for a datagram, or for the news that some were lost.
func (l *Listener) receive() error {
	var got received
	closed := l.raw.Read(func(fd uintptr) bool {
		got = l.call(fd)
		return got.err != unix.EAGAIN
	})
	if closed != nil {
		return closed
	}
	return l.keep(got)
}

// receiveMore does not wait: the error is EAGAIN where there is nothing.
func (l *Listener) receiveMore() error {
	var got received
	if closed := l.raw.Control(func(fd uintptr) { got = l.call(fd) }); closed != nil {
		return closed
	}
	return l.keep(got)
}

// received is what recvmsg answers.
type received struct {
	n, oobn, flags int
	err            error
}

// call is recvmsg, also where a signal interrupts it.
func (l *Listener) call(fd uintptr) (got received) {
	for {
		got.n, got.oobn, got.flags, _, got.err = unix.Recvmsg(int(fd), l.buffer, l.oob, unix.MSG_DONTWAIT)
		if got.err != unix.EINTR {
			return got
		}
	}
}

// keep keeps a datagram until its messages are taken, or the news that some were lost.
func (l *Listener) keep(got received) error {
	switch {
	case errors.Is(got.err, unix.ENOBUFS):
		return l.loss.noticed(l.raw)
	case got.err != nil:
		return got.err
	case got.flags&unix.MSG_TRUNC != 0:
		return fmt.Errorf("message of more than %d bytes", len(l.buffer))
	}
	l.rest, l.netns = l.buffer[:got.n], netNSID(l.oob[:got.oobn])
	return l.loss.taken(l.raw)
}

// message takes one message from the rest of a datagram: the command and what
// follows its header.
func (l *Listener) message() (command uint8, data []byte, ours bool, err error) {
	const header, generic = unix.NLMSG_HDRLEN, 4
	rest := l.rest
	l.rest = nil
	if len(rest) < header {
		return 0, nil, false, fmt.Errorf("message of %d bytes", len(rest))
	}
	size := int(binary.NativeEndian.Uint32(rest))
	if size < header || size > len(rest) {
		return 0, nil, false, fmt.Errorf("message of %d bytes in %d", size, len(rest))
	}
	if aligned := (size + 3) &^ 3; aligned < len(rest) {
		l.rest = rest[aligned:]
	}
	if binary.NativeEndian.Uint16(rest[4:]) != l.family || size < header+generic {
		return 0, nil, false, nil
	}
	return rest[header], rest[header+generic : size], true, nil
}

// netNSID finds the id of the sender's namespace, which the kernel adds where it
// is not the listener's own.
func netNSID(oob []byte) int32 {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return -1
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_NETLINK && m.Header.Type == unix.NETLINK_LISTEN_ALL_NSID && len(m.Data) >= 4 {
			return int32(binary.NativeEndian.Uint32(m.Data))
		}
	}
	return -1
}
