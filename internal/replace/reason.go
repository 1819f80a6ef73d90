package replace

import (
	"errors"
	"fmt"
)

// ErrNotReplaceable is wrapped by every error that says that a socket has to stay
// what it is. Others tell that something went wrong.
var ErrNotReplaceable = errors.New("the socket has to stay as it is")

// Why sockets have to stay what they are. All of them wrap ErrNotReplaceable.
var (
	// ErrNotTCP: no stream socket of IPv4 or IPv6 with TCP; no socket at all.
	ErrNotTCP = reason("it is no TCP socket")
	// ErrMPTCP: of MPTCP already.
	ErrMPTCP = reason("it is an MPTCP socket already")
	// ErrConnected: connected, or on its way to be.
	ErrConnected = reason("it is connected or connecting already")
	// ErrListening: listening already.
	ErrListening = reason("it is listening already")
	// ErrUsed: it has sent packets, so that its next connect() may be to learn what
	// became of them.
	ErrUsed = reason("it was used to connect before")
	// ErrShared: the process has it under other numbers, too.
	ErrShared = reason("it was duplicated before")
	// ErrWatched: an epoll instance of the process has it, and cannot be told of the
	// new socket.
	ErrWatched = reason("it was registered with epoll before")
	// ErrNamespace: it is of another network namespace than sockets of the Maker.
	ErrNamespace = reason("it is of another network namespace")
	// ErrBound: its address cannot be given to another socket.
	ErrBound = reason("its address cannot be moved")
)

type reason string

func (r reason) Error() string { return string(r) }
func (r reason) Unwrap() error { return ErrNotReplaceable }

// OptionError is a socket option that was set, and that the MPTCP socket does not
// take.
type OptionError struct {
	Name string // TCP_USER_TIMEOUT
	Err  error  // what the kernel says; nil: it took another value
}

func (e *OptionError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("option %s: the MPTCP socket takes another value", e.Name)
	}
	return fmt.Sprintf("option %s: set on an MPTCP socket: %v", e.Name, e.Err)
}

// Unwrap gives ErrNotReplaceable and the kernel's error.
func (e *OptionError) Unwrap() []error { return []error{ErrNotReplaceable, e.Err} }

// Reason is why a socket has to stay what it is, without what is of this one socket
// alone, so that it can be counted by.
func Reason(err error) string {
	if option, ok := errors.AsType[*OptionError](err); ok {
		return "it has option " + option.Name + ", which an MPTCP socket does not take"
	}
	if r, ok := errors.AsType[reason](err); ok {
		return string(r)
	}
	return "it could not be replaced: " + err.Error()
}
