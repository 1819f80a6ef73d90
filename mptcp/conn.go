package mptcp

import (
	"fmt"
	"net"
	"sync/atomic"
)

// Conn is one end of a connection whose socket was asked to be MPTCP. It is a
// *net.TCPConn in all that concerns data, deadlines and closing, and a
// syscall.Conn. LocalAddr and RemoteAddr are those of the initial subflow, also
// after that subflow has gone.
//
// Not every TCP option exists on an MPTCP socket: a setter inherited from
// net.TCPConn returns the kernel's EOPNOTSUPP or ENOPROTOOPT then
// (net/mptcp/sockopt.c).
type Conn struct {
	*net.TCPConn
	before *counters // from before the connection; nil: not known
	final  atomic.Pointer[Status]
}

// Info reads the state of the connection: see ReadInfo.
func (c *Conn) Info() (*Info, error) { return ReadInfo(c) }

// Subflows lists the subflows of the connection: see ReadSubflows.
func (c *Conn) Subflows() ([]Subflow, error) { return ReadSubflows(c) }

// Status tells whether the connection does MPTCP: see ReadStatus. It takes one
// system call as long as it does, and none any more when it is known not to, and
// why. A Conn of this package's Dialer or Listener finds more causes than ReadStatus:
// it knows the counters from before the connection.
func (c *Conn) Status() (Status, error) {
	if final := c.final.Load(); final != nil {
		return *final, nil
	}
	status, err := control(c, func(fd int) (Status, error) { return readStatusSince(fd, c.before) })
	if err != nil {
		return Status{}, fmt.Errorf("read mptcp status: %w", err)
	}
	if status.Kind == KindTCP || status.Kind == KindFallback && status.Cause != CauseUnknown {
		c.final.Store(&status)
	}
	return status, nil
}
