package rtnl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"

	"allroads/internal/nl"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// socket is a netlink socket whose datagrams are read one at a time, in a buffer of
// its own: a table of a million routes never stands in memory.
type socket struct {
	conn   *netlink.Conn
	raw    syscall.RawConn
	buffer []byte
}

// datagram is more than the kernel puts into one as a rule: a dump's has 32 KiB. An
// interface with very many virtual functions takes more, and the buffer then grows.
const datagram = 64 << 10

func openSocket(netns int) (*socket, error) {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nl.Config(netns))
	if err != nil {
		return nil, fmt.Errorf("open rtnetlink socket: %w", nl.Kernel(err))
	}
	s := &socket{conn: conn, buffer: make([]byte, datagram)}
	if s.raw, err = conn.SyscallConn(); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

// errTruncated is a datagram that did not fit; the next one of its length will.
var errTruncated = errors.New("datagram longer than the buffer")

// receive returns a datagram, valid until the next one. Where there is none it waits,
// or is over with EAGAIN.
func (s *socket) receive(wait bool) ([]byte, error) {
	var n int
	var from unix.Sockaddr
	var err error
	closed := s.raw.Read(func(fd uintptr) bool {
		for {
			n, from, err = unix.Recvfrom(int(fd), s.buffer, unix.MSG_DONTWAIT|unix.MSG_TRUNC)
			if err != unix.EINTR {
				return err != unix.EAGAIN || !wait
			}
		}
	})
	switch {
	case closed != nil:
		return nil, closed
	case err != nil:
		return nil, err
	case n > len(s.buffer):
		s.buffer = make([]byte, (n+4095)&^4095)
		return nil, errTruncated
	}
	if sender, ok := from.(*unix.SockaddrNetlink); ok && sender.Pid != 0 {
		return nil, nil // Another process wrote to us.
	}
	return s.buffer[:n], nil
}

// send sends a request.
func (s *socket) send(kind, flags uint16, sequence uint32, body []byte) error {
	host := binary.NativeEndian
	b := host.AppendUint32(make([]byte, 0, unix.NLMSG_HDRLEN+len(body)), uint32(unix.NLMSG_HDRLEN+len(body)))
	b = host.AppendUint16(host.AppendUint16(b, kind), flags|unix.NLM_F_REQUEST)
	b = append(host.AppendUint32(host.AppendUint32(b, sequence), 0), body...)
	var err error
	closed := s.raw.Write(func(fd uintptr) bool {
		err = unix.Sendto(int(fd), b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
		return err != unix.EAGAIN && err != unix.EINTR
	})
	return errors.Join(closed, err)
}

// message is one of a datagram.
type message struct {
	kind, flags uint16
	sequence    uint32
	body        []byte
}

// split takes the first message off a datagram. What is cut off is none.
func split(b []byte) (m message, rest []byte, ok bool) {
	host := binary.NativeEndian
	if len(b) < unix.NLMSG_HDRLEN {
		return message{}, nil, false
	}
	size := int(host.Uint32(b))
	if size < unix.NLMSG_HDRLEN || size > len(b) {
		return message{}, nil, false
	}
	m = message{
		kind: host.Uint16(b[4:]), flags: host.Uint16(b[6:]), sequence: host.Uint32(b[8:]),
		body: b[unix.NLMSG_HDRLEN:size],
	}
	return m, b[min((size+3)&^3, len(b)):], true
}

func (s *socket) close() error { return s.conn.Close() }
