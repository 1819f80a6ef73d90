package mptcp

import (
	"encoding/binary"
	"errors"
	"os"

	"allroads/internal/inetdiag"
	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// diagSocket asks the kernel's sock_diag interface about single sockets, of the
// network namespace that it was made in.
type diagSocket struct{ fd int }

func openDiag() (*diagSocket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	return &diagSocket{fd}, nil
}

func (d *diagSocket) close() { unix.Close(d.fd) }

const netlinkHeader = 16 // bytes of struct nlmsghdr

// ask sends a request about one socket and returns the attributes of the answer.
func (d *diagSocket) ask(request inetdiag.Request) (nl.Attributes, error) {
	host := binary.NativeEndian
	b := request.Append(make([]byte, netlinkHeader, 4096))
	host.PutUint32(b, uint32(len(b)))
	host.PutUint16(b[4:], inetdiag.ByFamily)
	host.PutUint16(b[6:], unix.NLM_F_REQUEST)
	if err := unix.Sendto(d.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, os.NewSyscallError("sendto", err)
	}
	// The kernel has answered when sendto returns.
	n, _, err := unix.Recvfrom(d.fd, b[:cap(b)], unix.MSG_DONTWAIT)
	if err != nil {
		return nil, os.NewSyscallError("recvfrom", err)
	}
	if n < netlinkHeader+inetdiag.MessageLen || host.Uint16(b[4:]) != inetdiag.ByFamily {
		return nil, errors.New("no such socket")
	}
	return b[netlinkHeader+inetdiag.MessageLen : n], nil
}

// subflow asks for the flags and the local token of the TCP connection with a
// socket's addresses.
func (d *diagSocket) subflow(fd int) (flags, token uint32, ok bool) {
	id, family, err := socketID(fd)
	if err != nil {
		return 0, 0, false
	}
	answer, err := d.ask(inetdiag.Request{Family: family, Protocol: unix.IPPROTO_TCP, States: ^uint32(0), ID: id})
	if err != nil {
		return 0, 0, false
	}
	ulp := nl.Attributes(nl.Attributes(answer.Find(inetdiag.AttrULPInfo)).Find(inetdiag.ULPMPTCP))
	flagged, named := ulp.Find(inetdiag.SubflowFlags), ulp.Find(inetdiag.SubflowTokenLocal)
	if len(flagged) < 4 || len(named) < 4 {
		return 0, 0, false
	}
	return binary.NativeEndian.Uint32(flagged), binary.NativeEndian.Uint32(named), true
}

// info asks for the state of the MPTCP connection with a token, which the kernel
// tells here also after a fallback.
func (d *diagSocket) info(token uint32) (*Info, error) {
	answer, err := d.ask(inetdiag.Request{
		Family: unix.AF_INET, Protocol: unix.IPPROTO_MPTCP, States: ^uint32(0),
		ID: inetdiag.ID{Cookie: uint64(token)}, // Its first half stands for the token.
	})
	if err != nil {
		return nil, err
	}
	return parseInfo(answer.Find(inetdiag.AttrInfo))
}
