package metered

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"

	"github.com/godbus/dbus/v5"
)

// What is taken from the bus at most, in bytes.
const (
	maxMessage  = 1 << 20
	maxGreeting = 1 << 14 // all lines of the authentication
	maxDBus     = 1 << 27 // what the protocol allows
)

var errProtocol = errors.New("what the bus sends is not D-Bus")

// stream is a connection to a bus, without the messages that are too large, and without
// calls: any process may send both, and nobody has anything to call here.
type stream struct {
	net.Conn
	greeted int  // bytes of lines
	framed  bool // the authentication is over
	head    [16]byte
	given   int   // of head
	left    int64 // of the message, with what head has of it
}

// Write gives up when the bus does not read. What was written in part cannot be completed,
// so that is the end of the connection.
func (s *stream) Write(b []byte) (int, error) {
	if !s.framed && bytes.Equal(b, []byte("BEGIN\r\n")) {
		s.framed = true
	}
	_ = s.SetWriteDeadline(time.Now().Add(patience))
	n, err := s.Conn.Write(b)
	if err != nil {
		s.Close()
	}
	return n, err
}

// Read returns lines, then the bytes of messages.
func (s *stream) Read(b []byte) (n int, err error) {
	if !s.framed {
		n, err = s.Conn.Read(b)
		if s.greeted += n; s.greeted > maxGreeting {
			return 0, errProtocol
		}
		return n, err
	}
	for s.left == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	if s.given < len(s.head) {
		n = copy(b, s.head[s.given:])
		s.given += n
	} else {
		n, err = s.Conn.Read(b[:min(int64(len(b)), s.left)])
	}
	s.left -= int64(n)
	return n, err
}

// next reads the first bytes of a message, and skips one that is not wanted.
func (s *stream) next() error {
	if _, err := io.ReadFull(s.Conn, s.head[:]); err != nil {
		return err
	}
	size, err := messageSize(s.head)
	if err != nil {
		return err
	}
	if size > maxMessage || dbus.Type(s.head[1]) == dbus.TypeMethodCall {
		_, err = io.CopyN(io.Discard, s.Conn, size-int64(len(s.head)))
		return err
	}
	s.given, s.left = 0, size
	return nil
}

// messageSize is that of a message with its header ("Message Format" of the specification).
func messageSize(head [16]byte) (int64, error) {
	var order binary.ByteOrder
	switch head[0] {
	case 'l':
		order = binary.LittleEndian
	case 'B':
		order = binary.BigEndian
	default:
		return 0, errProtocol
	}
	body, fields := int64(order.Uint32(head[4:])), int64(order.Uint32(head[12:]))
	size := (int64(len(head))+fields+7)&^7 + body
	if size > maxDBus {
		return 0, errProtocol
	}
	return size, nil
}
