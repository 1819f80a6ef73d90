package nl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/mdlayher/genetlink"
	"golang.org/x/sys/unix"
)

// Requests sends requests to a family of generic netlink and reads the answers,
// with no more than the system calls that takes, in buffers of its own. It is for
// one goroutine at a time, and for sockets on which nothing else is read.
type Requests struct {
	file     *os.File // nil: the socket is the caller's
	raw      syscall.RawConn
	family   uint16
	sequence uint32
	out, in  []byte
	kernel   unix.SockaddrNetlink // where requests go; sending writes into it
}

// NewRequests makes requests to a family on a socket, which stays the caller's to
// close.
func NewRequests(conn *genetlink.Conn, family uint16) (*Requests, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &Requests{
		raw: raw, family: family, in: make([]byte, genericMessage),
		kernel: unix.SockaddrNetlink{Family: unix.AF_NETLINK},
	}, nil
}

// Lengths of struct nlmsghdr and struct genlmsghdr.
const (
	headerLen  = unix.NLMSG_HDRLEN
	genericLen = 4
)

// Do sends a command with its attributes, and calls answer, if any, with the
// attributes of each reply, which are valid until it returns. It is over with the
// kernel's acknowledgement (flag NLM_F_ACK), the end of a dump, or the one reply.
// What the kernel refuses is an *Error.
func (r *Requests) Do(command, version uint8, flags uint16, attributes []byte, answer func(attributes []byte) error) error {
	r.sequence++
	native := binary.NativeEndian
	r.out = native.AppendUint32(r.out[:0], uint32(headerLen+genericLen+len(attributes)))
	r.out = native.AppendUint16(r.out, r.family)
	r.out = native.AppendUint16(r.out, flags|unix.NLM_F_REQUEST)
	r.out = native.AppendUint32(r.out, r.sequence)
	r.out = append(r.out, 0, 0, 0, 0, command, version, 0, 0)
	r.out = append(r.out, attributes...)
	if err := r.send(); err != nil {
		return err
	}
	alone := flags&(unix.NLM_F_ACK|unix.NLM_F_DUMP) == 0
	var wrong error // All is read even so: the next dump could not begin.
	for {
		datagram, err := r.receive()
		if err != nil {
			return err
		}
		over, err := r.read(datagram, alone, answer, &wrong)
		if err != nil {
			return err
		}
		if over {
			return wrong
		}
	}
}

func (r *Requests) send() error {
	var err error
	closed := r.raw.Write(func(fd uintptr) bool {
		err = unix.Sendto(int(fd), r.out, 0, &r.kernel)
		return err != unix.EAGAIN && err != unix.EINTR
	})
	return systemCall("send", closed, err)
}

// receive does not wait as a rule: the kernel answers while it is asked.
func (r *Requests) receive() ([]byte, error) {
	var n int
	var err error
	closed := r.raw.Read(func(fd uintptr) bool {
		n, _, err = unix.Recvfrom(int(fd), r.in, unix.MSG_TRUNC)
		return err != unix.EAGAIN && err != unix.EINTR
	})
	if err := systemCall("receive", closed, err); err != nil {
		return nil, err
	}
	if n > len(r.in) {
		return nil, fmt.Errorf("answer of %d bytes, more than %d", n, len(r.in))
	}
	return r.in[:n], nil
}

// systemCall makes an error of either a socket that is closed or the call.
func systemCall(name string, closed, err error) error {
	var errno unix.Errno
	switch {
	case closed != nil:
		return &Error{Errno: unix.EBADF}
	case errors.As(err, &errno):
		return &Error{Errno: errno}
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// read takes a datagram apart, and reports whether it ends the answer. What is
// wrong with a reply comes into wrong.
func (r *Requests) read(datagram []byte, alone bool, answer func([]byte) error, wrong *error) (over bool, err error) {
	native := binary.NativeEndian
	for len(datagram) >= headerLen {
		size := int(native.Uint32(datagram))
		if size < headerLen || size > len(datagram) {
			return true, fmt.Errorf("answer with a message of %d bytes in %d", size, len(datagram))
		}
		kind, flags, body := native.Uint16(datagram[4:]), native.Uint16(datagram[6:]), datagram[headerLen:size]
		ours := native.Uint32(datagram[8:]) == r.sequence
		datagram = datagram[min((size+3)&^3, len(datagram)):]
		switch {
		case !ours:
		case kind == unix.NLMSG_ERROR || kind == unix.NLMSG_DONE:
			return true, verdict(kind, flags, body)
		case kind == r.family && len(body) >= genericLen:
			if answer != nil && *wrong == nil {
				*wrong = answer(body[genericLen:])
			}
			over = alone
		}
	}
	return over, nil
}
