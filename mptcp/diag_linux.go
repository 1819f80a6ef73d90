package mptcp

import (
	"encoding/binary"
	"errors"
	"os"

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

// Layout of a request: struct nlmsghdr, struct inet_diag_req_v2, in which a struct
// inet_diag_sockid, and the attribute that holds a protocol number beyond 255.
const (
	diagFamily   = 16
	diagProtocol = 17
	diagExt      = 18
	diagStates   = 20
	diagID       = 24
	diagCookie   = diagID + 40
	diagAttr     = diagID + 48
	diagRequest  = diagAttr + 8

	diagByFamily     = 20 // SOCK_DIAG_BY_FAMILY
	diagReqProtocol  = 3  // INET_DIAG_REQ_PROTOCOL
	diagInfo         = 2  // INET_DIAG_INFO
	diagULPInfo      = 19 // INET_DIAG_ULP_INFO
	diagULPMPTCP     = 3  // INET_ULP_INFO_MPTCP
	diagTokenLocal   = 2  // MPTCP_SUBFLOW_ATTR_TOKEN_LOC
	diagSubflowFlags = 8  // MPTCP_SUBFLOW_ATTR_FLAGS

	diagAnswer = 16 + 72 // struct nlmsghdr and struct inet_diag_msg, before attributes
)

// ask sends a request about one socket and returns the attributes of the answer.
func (d *diagSocket) ask(protocol uint32, fill func(request []byte)) ([]byte, error) {
	host := binary.NativeEndian
	b := make([]byte, diagRequest, 4096)
	host.PutUint32(b, diagRequest)
	host.PutUint16(b[4:], diagByFamily)
	host.PutUint16(b[6:], unix.NLM_F_REQUEST)
	b[diagFamily], b[diagProtocol], b[diagExt] = unix.AF_INET, unix.IPPROTO_TCP, 1<<(diagInfo-1)
	host.PutUint32(b[diagStates:], ^uint32(0))
	host.PutUint16(b[diagAttr:], 8)
	host.PutUint16(b[diagAttr+2:], diagReqProtocol)
	host.PutUint32(b[diagAttr+4:], protocol)
	fill(b)
	if err := unix.Sendto(d.fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, os.NewSyscallError("sendto", err)
	}
	// The kernel has answered when sendto returns.
	n, _, err := unix.Recvfrom(d.fd, b[:cap(b)], unix.MSG_DONTWAIT)
	if err != nil {
		return nil, os.NewSyscallError("recvfrom", err)
	}
	if n < diagAnswer || host.Uint16(b[4:]) != diagByFamily {
		return nil, errors.New("no such socket")
	}
	return b[diagAnswer:n], nil
}

// subflow asks for the flags and the local token of the TCP connection with a
// socket's addresses.
func (d *diagSocket) subflow(fd int) (flags, token uint32, ok bool) {
	id, family, err := socketID(fd)
	if err != nil {
		return 0, 0, false
	}
	answer, err := d.ask(unix.IPPROTO_TCP, func(b []byte) {
		b[diagFamily] = family
		copy(b[diagID:], id)
	})
	if err != nil {
		return 0, 0, false
	}
	ulp := attribute(attribute(answer, diagULPInfo), diagULPMPTCP)
	flagged, named := attribute(ulp, diagSubflowFlags), attribute(ulp, diagTokenLocal)
	if len(flagged) < 4 || len(named) < 4 {
		return 0, 0, false
	}
	return binary.NativeEndian.Uint32(flagged), binary.NativeEndian.Uint32(named), true
}

// info asks for the state of the MPTCP connection with a token, which the kernel
// tells here also after a fallback.
func (d *diagSocket) info(token uint32) (*Info, error) {
	answer, err := d.ask(unix.IPPROTO_MPTCP, func(b []byte) {
		binary.NativeEndian.PutUint32(b[diagCookie:], token)
	})
	if err != nil {
		return nil, err
	}
	return parseInfo(attribute(answer, diagInfo))
}
