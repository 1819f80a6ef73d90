package sockdiag

import "allroads/internal/inetdiag"

// listeners are the TCP sockets on which MPTCP listens, in the order of the
// kernel's list. They have the inode of the MPTCP socket that they are for.
type listeners struct {
	sockets []Connection
	index   map[uint64]int // of those that are not yielded yet, by inode
}

func (l *listeners) reset() {
	l.sockets = l.sockets[:0]
	clear(l.index)
}

func (l *listeners) add(m *message) {
	if l.index == nil {
		l.index = make(map[uint64]int)
	}
	var c Connection
	c.decodeSocket(m)
	l.index[c.Inode] = len(l.sockets)
	l.sockets = append(l.sockets, c)
}

// take returns the TCP socket with an inode, once.
func (l *listeners) take(inode uint64) (*Connection, bool) {
	i, ok := l.index[inode]
	if !ok {
		return nil, false
	}
	delete(l.index, inode)
	return &l.sockets[i], true
}

func (l *listing) dumpListeners() error {
	return l.dump(l.ctx, protocolTCP, listenState, func(m *message) error {
		if ulp := m.attributes.Find(inetdiag.AttrULPInfo); isMPTCP(ulp) {
			l.listeners.add(m)
		}
		return nil
	})
}

// listener yields a listener of the dump of MPTCP sockets. The kernel's own, for an
// endpoint with a port, is bound as a TCP socket only
// (mptcp_pm_nl_create_listen_socket in net/mptcp/pm_kernel.c).
//
// One that was not there a moment ago is left for the next time: there is no way to
// tell whether it was yielded already.
func (l *listing) listener(c *Connection) error {
	tcp, ok := l.listeners.take(c.Inode)
	if !ok {
		return nil
	}
	c.PortEndpoint = c.Local.Port() == 0
	c.Local = tcp.Local
	return l.give(c)
}

// listMissing yields listeners that the dump of MPTCP sockets has left out: the
// kernel passes over some of those with the same address (SO_REUSEPORT,
// mptcp_diag_dump_listeners in net/mptcp/mptcp_diag.c).
func (l *listing) listMissing() error {
	for i := range l.listeners.sockets {
		if tcp, ok := l.listeners.take(l.listeners.sockets[i].Inode); ok {
			if err := l.give(tcp); err != nil {
				return err
			}
		}
	}
	return nil
}
