package nl

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Stream makes requests to a netlink protocol other than generic netlink, and
// hands out the messages of an answer one at a time as the kernel makes them,
// whatever their number, in a buffer of its own. It is for one goroutine at a
// time.
type Stream struct {
	file *os.File
	raw  syscall.RawConn

	sequence uint32
	out, in  []byte
	left     []byte // of the last datagram
	kernel   unix.SockaddrNetlink

	under       bool // an answer has not been read to its end
	alone       bool // that answer is one message
	interrupted bool
	kicks       int

	sendCall, receiveCall func(fd uintptr) bool // made once: a closure is allocated each time
	n                     int
	err                   error
}

// Close closes the socket.
func (s *Stream) Close() error { return s.file.Close() }

// Ask sends a request. What is left of the answer before is read first, since
// the kernel begins no dump before the last one has ended.
func (s *Stream) Ask(kind, flags uint16, body []byte) error {
	for s.under {
		if _, err := s.Next(); err != nil && s.under {
			return err
		}
	}
	s.alone = flags&(unix.NLM_F_ACK|unix.NLM_F_DUMP) == 0
	s.interrupted, s.kicks, s.left = false, 0, nil
	s.sequence++
	err := s.send(kind, flags, s.sequence, body)
	s.under = err == nil
	return err
}

// Interrupted reports whether the kernel has said since Ask that what it dumps
// has changed meanwhile (NLM_F_DUMP_INTR), so that it may be incomplete.
func (s *Stream) Interrupted() bool { return s.interrupted }

// Next returns the body of the next message of the answer, valid until the call
// after; io.EOF at the end. What the kernel refuses is an *Error.
func (s *Stream) Next() ([]byte, error) {
	for s.under {
		if len(s.left) < headerLen {
			if err := s.receive(); err != nil {
				return nil, err
			}
			continue
		}
		body, err := s.message()
		if body != nil || err != nil {
			return body, err
		}
	}
	return nil, io.EOF
}

// message takes one message off the datagram: nil when it is none of the answer's.
func (s *Stream) message() ([]byte, error) {
	native := binary.NativeEndian
	size := int(native.Uint32(s.left))
	if size < headerLen || size > len(s.left) {
		err := fmt.Errorf("answer with a message of %d bytes in %d", size, len(s.left))
		s.left = nil
		return nil, err
	}
	kind, flags, body := native.Uint16(s.left[4:]), native.Uint16(s.left[6:]), s.left[headerLen:size:size]
	ours := native.Uint32(s.left[8:]) == s.sequence
	s.left = s.left[min((size+3)&^3, len(s.left)):]
	if !ours {
		return nil, nil
	}
	s.interrupted = s.interrupted || flags&unix.NLM_F_DUMP_INTR != 0
	switch {
	case kind == unix.NLMSG_ERROR || kind == unix.NLMSG_DONE:
		s.under = false
		if err := verdict(kind, flags, body); err != nil {
			return nil, err
		}
		return nil, io.EOF
	case kind < unix.NLMSG_MIN_TYPE:
		return nil, nil
	}
	s.under = !s.alone
	return body, nil
}
