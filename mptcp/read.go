package mptcp

import (
	"fmt"
	"syscall"
)

// IsMPTCP reports whether MPTCP is in use on a socket. It is false for a plain
// TCP socket, and for an MPTCP socket whose connection fell back to TCP because
// the peer, or something on the way, does not do MPTCP (RFC 8684, section 3.7).
// A listener and a socket that is not connected yet answer for what they were
// made as. True can become false later: an established connection may still
// fall back. False stays.
//
// It takes Linux 5.16; before, a fallback cannot be seen and the error is an
// ErrNotSupported.
func IsMPTCP(c syscall.Conn) (bool, error) {
	is, err := control(c, isMPTCP)
	if err != nil {
		return false, fmt.Errorf("check socket for mptcp: %w", err)
	}
	return is, nil
}

// ReadInfo reads the state of an MPTCP connection (socket option MPTCP_INFO,
// Linux 5.16). On a listener only the counters of announced addresses are
// filled. The error is an ErrNotMPTCP when the socket does plain TCP, and an
// ErrNotSupported when the kernel lacks the option.
func ReadInfo(c syscall.Conn) (*Info, error) {
	info, err := control(c, readInfo)
	if err != nil {
		return nil, fmt.Errorf("read mptcp info: %w", err)
	}
	return info, nil
}

// ReadSubflows lists the subflows of an MPTCP connection in the kernel's order,
// half-open and closing ones included; it may be empty, when the last subflow
// has gone and the connection waits for another. A listener has one, in state
// LISTEN. Errors are those of ReadInfo.
//
// From Linux 6.5 on all comes from one look at the connection (MPTCP_FULL_INFO);
// before, from MPTCP_TCPINFO and MPTCP_SUBFLOW_ADDRS, read again when the
// subflows changed in between.
func ReadSubflows(c syscall.Conn) ([]Subflow, error) {
	subflows, err := control(c, readSubflows)
	if err != nil {
		return nil, fmt.Errorf("read mptcp subflows: %w", err)
	}
	return subflows, nil
}

// ReadTCP reads what TCP knows of a connected socket (socket option TCP_INFO), which
// it also does for one that fell back or is plain TCP, and has no subflows to list. Of
// an MPTCP connection it is the first subflow that is read, as long as there is one.
// ID is nil.
func ReadTCP(c syscall.Conn) (*Subflow, error) {
	subflow, err := control(c, readTCP)
	if err != nil {
		return nil, fmt.Errorf("read tcp info: %w", err)
	}
	return subflow, nil
}

// control runs a system call on the descriptor while it cannot be closed.
func control[T any](c syscall.Conn, call func(fd int) (T, error)) (result T, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return result, err
	}
	var callErr error
	err = raw.Control(func(fd uintptr) { result, callErr = call(int(fd)) })
	if err != nil {
		return result, err
	}
	return result, callErr
}
