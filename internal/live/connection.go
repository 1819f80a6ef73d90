package live

import (
	"allroads/mptcp"
	"allroads/sockdiag"
)

// Connection is one end of a connection, or a listener, at one time.
type Connection struct {
	sockdiag.Connection

	Space string // the name of its namespace, as of Space
	rank  int    // of the namespace among all

	// Sent and Received are payload bytes per second since the Look before, of
	// the whole connection; those sent count when the peer acknowledges them. They
	// are nil when that is not known: at the first Look at it, and before Linux 6.5.
	Sent, Received *float64

	// Owners are the processes that have the socket open, in the order of their
	// numbers. They are told only if asked for (Options.Owners), and OwnersKnown
	// says that they are: without it, whoever has it may not be seen by this user.
	Owners      []Owner
	OwnersKnown bool

	// Cgroup is the path of the socket's cgroup below its file system's root,
	// which is "/"; "" when it is not known, or not asked for.
	Cgroup string

	// Paths say more of each subflow, in the order of Subflows.
	Paths []Path
}

// Path is what a subflow is like beside what the kernel says of it.
type Path struct {
	// Interface is the name of the one that its packets leave by: that it is bound
	// to, or where its route goes; without a route, the one that has its local
	// address. It is "" when it is none of these.
	Interface string

	// Sent and Received are bytes of the TCP stream per second since the Look
	// before; those sent count when they are acknowledged, and so once. They are nil
	// at the first Look at the connection.
	Sent, Received *float64

	// Share is the part, 0 to 1, of the connection's bytes in both directions that
	// arrived over this subflow; the rest did so over others, also those that are
	// gone. ShareNow is the part of what arrived over the subflows that are there,
	// since the Look before. They are nil when nothing arrived, or it is not known.
	Share, ShareNow *float64

	// Stale says that the path does not answer: see sockdiag.Connection.Stale.
	Stale bool
}

// Pending counts the subflows whose handshake is not complete.
func (c *Connection) Pending() (n int) {
	for i := range c.Subflows {
		if isPending(c.Subflows[i].State) {
			n++
		}
	}
	return n
}

func isPending(s mptcp.TCPState) bool {
	return s == mptcp.StateSynSent || s == mptcp.StateSynRecv || s == mptcp.StateNewSynRecv
}

// Closing counts the subflows that are neither established nor pending any more.
func (c *Connection) Closing() int {
	return len(c.Subflows) - c.Established() - c.Pending()
}

// Limit is how many subflows the connection may have, its first one included. It
// is not known under the userspace path manager, where the kernel tells zeros.
func (c *Connection) Limit() (limit int, known bool) {
	l := &c.Info.Limits
	known = l.ExtraSubflows|l.AddAddrAccepted|l.SignalEndpoints|l.SubflowEndpoints != 0
	return int(l.ExtraSubflows) + 1, known
}
