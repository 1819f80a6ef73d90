package mptcp

import "errors"

var (
	// ErrNotSupported is wrapped by the error when this system has no MPTCP
	// sockets, has them switched off, or lacks the option asked for. The text
	// says which of these it is and what to do; the kernel's errno is wrapped
	// beside it.
	ErrNotSupported = errors.New("multipath tcp not supported")

	// ErrNotMPTCP is wrapped by the error when a socket is asked for what only
	// a multipath connection has: it is a plain TCP socket, as a listener
	// accepts from a peer without MPTCP, or the connection fell back to TCP
	// (RFC 8684, section 3.7), which is for good.
	ErrNotMPTCP = errors.New("not a multipath tcp connection")
)
