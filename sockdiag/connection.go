package sockdiag

import (
	"net/netip"
	"slices"

	"allroads/mptcp"
)

// Connection is one end of a multipath connection, or a listener.
type Connection struct {
	// State is that of the connection at data level, with the names of TCP's:
	// ESTABLISHED, FIN_WAIT1 and so on for a DATA_FIN (RFC 8684, section 3.3.3);
	// LISTEN for a listener.
	State mptcp.TCPState

	// Local and Remote are the addresses of the connection, which are those that
	// its first subflow had; an IPv4 address is never in IPv6 form. Remote is not
	// valid on a listener.
	Local, Remote netip.AddrPort
	V6Socket      bool // it is a socket of IPv6, also when its addresses are IPv4 ones

	// Info is what the socket itself would answer. Info.ExtraSubflows counts
	// half-open subflows too: what is established is in Subflows. A listener has
	// no token, and at most some of the counters; a connection that fell back before
	// it had a token has nothing but Info.Fallback.
	Info mptcp.Info

	// RecvQueue and SendQueue are bytes of memory that hold what the program has
	// not read yet, and what the peer has not acknowledged; on a listener, how
	// many connections wait to be accepted, and how many may.
	RecvQueue, SendQueue uint32

	UID   uint32 // of the user who made the socket
	Inode uint64 // of the socket in /proc/PID/fd; 0: no program has accepted it yet, or it was closed
	// Cookie names the socket as long as the system runs; it is that of the TCP socket
	// where MPTCP's is not told. An accepted connection may have its listener's, if
	// somebody asked for that before (Linux 6.18): the token is what tells them apart.
	Cookie   uint64
	CgroupID uint64 // inode of the cgroup's directory; 0: not told
	Mark     uint32 // SO_MARK; 0 also when not told (CAP_NET_ADMIN)

	// PortEndpoint says that the listener is the kernel's own, for an endpoint
	// with a port (pathmanager.Endpoint): no program accepts from it. `ss -M` shows
	// it without its address.
	PortEndpoint bool

	// Subflows are in the order of their ids, the initial one first. A listener has
	// none; a connection may have none while it closes, or waits for another
	// subflow.
	Subflows []Subflow

	// Changing says that Subflows are not those that Info counts, after they were
	// read three times: the connection changes faster than that.
	Changing bool
}

// Established counts the subflows whose handshake is complete, in TCP state
// ESTABLISHED.
func (c *Connection) Established() (n int) {
	for i := range c.Subflows {
		if c.Subflows[i].State == mptcp.StateEstablished {
			n++
		}
	}
	return n
}

// Clone returns a copy that nothing is shared with.
func (c *Connection) Clone() *Connection {
	clone := *c
	clone.Info.Traffic = copyOf(c.Info.Traffic)
	clone.Info.SubflowsTotal = copyOf(c.Info.SubflowsTotal)
	clone.Info.Idle = copyOf(c.Info.Idle)
	clone.Info.Limits.LaminarEndpoints = copyOf(c.Info.Limits.LaminarEndpoints)
	clone.Info.Limits.FullmeshEndpoints = copyOf(c.Info.Limits.FullmeshEndpoints)
	clone.Subflows = slices.Clone(c.Subflows)
	for i := range clone.Subflows {
		clone.Subflows[i].Details = copyOf(clone.Subflows[i].Details)
	}
	return &clone
}

func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
