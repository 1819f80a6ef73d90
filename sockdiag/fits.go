package sockdiag

import "allroads/mptcp"

// fits reports whether the subflows are those that the kernel counts. The initial
// one counts until it closes (__mptcp_has_initial_subflow in net/mptcp/protocol.h);
// one that joined until MPTCP lets go of it, after which TCP may be still closing
// it.
func (c *Connection) fits() bool {
	initial, joined, closing := c.count()
	extra, total := int(c.Info.ExtraSubflows), c.Info.SubflowsTotal
	return joined <= extra && extra <= joined+closing && (total == nil || initial+extra == int(*total))
}

// count counts an initial subflow that is not closing, others, and others that
// are closing.
func (c *Connection) count() (initial, joined, closing int) {
	for i := range c.Subflows {
		s := &c.Subflows[i]
		open := s.State == mptcp.StateEstablished || s.State == mptcp.StateSynSent || s.State == mptcp.StateSynRecv
		switch {
		case s.Initial() && open:
			initial++
		case s.Initial():
		case open:
			joined++
		default:
			closing++
		}
	}
	return initial, joined, closing
}
