package netcat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"allroads/mptcp"
)

// PeerError is what the peer or the network between did, or did not do.
type PeerError struct{ Err error }

func (e *PeerError) Error() string { return e.Err.Error() }
func (e *PeerError) Unwrap() error { return e.Err }

// ErrNoReader is wrapped by the error when nobody reads the output any more.
var ErrNoReader = errors.New("nobody reads the output")

// IdleError is the Err of a PeerError when nothing has moved for too long.
type IdleError struct{ For time.Duration }

func (e *IdleError) Error() string {
	return fmt.Sprintf("nothing was sent or received for %v", e.For)
}

// remote are the ways in which others keep a connection from being made.
var remote = []error{
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.ETIMEDOUT,
	syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN,
	context.DeadlineExceeded, os.ErrDeadlineExceeded, mptcp.ErrNotMPTCP,
}

// byPeer makes an error of connecting a PeerError, unless it is this system's.
func byPeer(err error) error {
	if errors.Is(err, mptcp.ErrNotSupported) {
		return err
	}
	if isAny(err, remote) {
		return &PeerError{err}
	}
	return err
}

func isAny(err error, list []error) bool {
	return slices.ContainsFunc(list, func(e error) bool { return errors.Is(err, e) })
}

// words leaves out what package net says of the addresses: it is said better
// elsewhere.
func words(err error) error {
	if op, ok := err.(*net.OpError); ok {
		err = op.Err
	}
	if call, ok := err.(*os.SyscallError); ok {
		err = call.Err
	}
	return err
}
