package mptcp

import "net"

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
}

// Info reads the state of the connection: see ReadInfo.
func (c *Conn) Info() (*Info, error) { return ReadInfo(c) }

// Subflows lists the subflows of the connection: see ReadSubflows.
func (c *Conn) Subflows() ([]Subflow, error) { return ReadSubflows(c) }
