package sockdiag

import (
	"context"
	"errors"
	"iter"

	"allroads/mptcp"
)

// listing is one call of Conn.Connections.
type listing struct {
	*source
	ctx    context.Context
	filter *Filter
	yield  func(*Connection, error) bool
}

// errStopped ends a listing of which no more is wanted.
var errStopped = errors.New("stopped")

var errNested = errors.New("list connections: this Conn is in the middle of another listing")

func (s *source) connections(ctx context.Context, filter Filter) iter.Seq2[*Connection, error] {
	return func(yield func(*Connection, error) bool) {
		if s.busy {
			yield(nil, errNested)
			return
		}
		s.busy = true
		defer func() { s.busy = false }()
		l := listing{s, ctx, &filter, yield}
		if err := l.run(); err != nil && err != errStopped {
			yield(nil, err)
		}
	}
}

// run dumps the subflows first, then the connections, and reads again what does
// not fit together.
func (l *listing) run() error {
	l.unsettled = l.unsettled[:0]
	l.subflows.reset()
	l.listeners.reset()
	if l.filter.Listeners != OnlyListeners {
		if err := l.dumpSubflows(); err != nil {
			return err
		}
	}
	if token := l.filter.Token; token != nil {
		l.unsettled = append(l.unsettled, *token)
		return l.settle()
	}
	if l.filter.Listeners != NoListeners {
		if err := l.dumpListeners(); err != nil {
			return err
		}
	}
	if err := l.dump(l.ctx, protocolMPTCP, l.filter.mask(), l.mptcpSocket); err != nil {
		return err
	}
	if err := l.listMissing(); err != nil || l.filter.Listeners == OnlyListeners {
		return err
	}
	l.addOrphans()
	if err := l.settle(); err != nil {
		return err
	}
	return l.listTokenless()
}

// give yields a connection, if the filter chooses it.
func (l *listing) give(c *Connection) error {
	if l.filter.matches(c) && !l.yield(c, nil) {
		return errStopped
	}
	return nil
}

// dumpSubflows keeps the subflows of all connections, or of one.
func (l *listing) dumpSubflows() error {
	token := l.filter.Token
	return l.dump(l.ctx, protocolTCP, subflowStates, func(m *message) error {
		if l.record.decode(m) && (token == nil || *token == l.record.token) {
			l.subflows.add(&l.record)
		}
		return nil
	})
}

// mptcpSocket yields a socket of the dump, if it and its subflows fit together. A
// dump that is repeated, or goes on while sockets come and go, may list it twice.
func (l *listing) mptcpSocket(m *message) error {
	c := &l.connection
	if err := c.decode(m); err != nil {
		return err
	}
	if c.State == mptcp.StateListen {
		return l.listener(c)
	}
	chain, again := l.subflows.see(uint64(c.Info.Token))
	if again {
		return nil
	}
	l.join(chain)
	if !c.fits() {
		l.unsettled = append(l.unsettled, c.Info.Token)
		return nil
	}
	return l.give(c)
}
