package sockdiag

import (
	"context"
	"iter"
)

// Conn reads the sockets of one network namespace. It is for one goroutine at a
// time.
type Conn struct {
	source *source
}

// Dial connects to the sock_diag interface of a network namespace, given by a file
// descriptor that refers to it; 0 is the caller's own. The socket stays in that
// namespace.
func Dial(ctx context.Context, netns int) (*Conn, error) {
	source, err := open(ctx, netns)
	if err != nil {
		return nil, err
	}
	return &Conn{source}, nil
}

// Close closes the socket.
func (c *Conn) Close() error { return c.source.close() }

// Connections yields the connections that a filter chooses. What it yields is
// valid until the next is: keep a copy (Connection.Clone). After an error,
// nothing more comes. It ends early with the context's error; one listing at a time.
//
// However many connections there are, what is held of them is about 220 bytes for
// each subflow, which the next listing uses again.
//
// Connections that come or go meanwhile may be listed or not; what is listed was
// there at one time between the beginning and the end, and no connection is listed
// twice.
func (c *Conn) Connections(ctx context.Context, filter Filter) iter.Seq2[*Connection, error] {
	return c.source.connections(ctx, filter)
}
