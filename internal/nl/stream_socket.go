package nl

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// streamDatagram is the most that the kernel puts into a datagram of a dump
// (netlink_recvmsg in net/netlink/af_netlink.c).
const streamDatagram = 32 << 10

// streamPatience is how long an answer may take; the kernel has it ready when it
// is asked for.
var streamPatience = unix.Timeval{Sec: 1}

// DialStream opens a socket of a netlink protocol in the calling thread's network
// namespace.
func DialStream(protocol int) (*Stream, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, fmt.Errorf("open netlink socket: %w", &Error{Errno: err.(unix.Errno)})
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_EXT_ACK, 1) // An older kernel says less.
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &streamPatience)
	s := &Stream{
		file: os.NewFile(uintptr(fd), "netlink"), in: make([]byte, streamDatagram),
		kernel: unix.SockaddrNetlink{Family: unix.AF_NETLINK},
	}
	if s.raw, err = s.file.SyscallConn(); err != nil {
		s.file.Close()
		return nil, err
	}
	s.sendCall, s.receiveCall = s.callSend, s.callReceive
	return s, nil
}

// send puts a message together and sends it.
func (s *Stream) send(kind, flags uint16, sequence uint32, body []byte) error {
	native := binary.NativeEndian
	s.out = native.AppendUint32(s.out[:0], uint32(headerLen+len(body)))
	s.out = native.AppendUint16(s.out, kind)
	s.out = native.AppendUint16(s.out, flags|unix.NLM_F_REQUEST)
	s.out = native.AppendUint32(s.out, sequence)
	s.out = append(append(s.out, 0, 0, 0, 0), body...)
	closed := s.raw.Write(s.sendCall)
	if closed == nil && s.err == nil {
		return nil // systemCall allocates.
	}
	return systemCall("send", closed, s.err)
}

func (s *Stream) callSend(fd uintptr) bool {
	for {
		if s.err = unix.Sendto(int(fd), s.out, 0, &s.kernel); s.err != unix.EINTR {
			return true
		}
	}
}

// receive reads a datagram into left.
func (s *Stream) receive() error {
	closed := s.raw.Read(s.receiveCall)
	switch {
	case closed == nil && s.err == nil:
		s.left = s.in[:s.n]
		return nil
	case closed == nil && (s.err == unix.EAGAIN || s.err == unix.ENOBUFS):
		return s.kick()
	}
	return systemCall("receive", closed, s.err)
}

func (s *Stream) callReceive(fd uintptr) bool {
	for {
		if s.n, s.err = unix.Read(int(fd), s.in); s.err != unix.EINTR {
			return true
		}
	}
}

// maxKicks is how often in one answer the kernel may lack memory.
const maxKicks = 5

// kick has the kernel go on with a dump that it had no memory for: it does so
// only when a message is read, so it is asked for one.
func (s *Stream) kick() error {
	if s.kicks++; s.kicks > maxKicks {
		s.kicks = 0
		return &Error{Errno: unix.ENOBUFS}
	}
	time.Sleep(time.Duration(s.kicks) * time.Millisecond)
	return s.send(unix.NLMSG_NOOP, unix.NLM_F_ACK, 0, nil)
}
