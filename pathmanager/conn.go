// Package pathmanager drives the kernel's MPTCP path manager through its
// generic netlink family, mptcp_pm (uapi/linux/mptcp_pm.h): the endpoints and
// limits of the in-kernel path manager, the subflows of single connections under
// the userspace one, and the events of both.
//
// Commands go through a Conn, events come from a Listener; each has a socket of
// its own, so that a burst of events never delays an answer.
package pathmanager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"allroads/internal/nl"

	"github.com/mdlayher/genetlink"
)

const (
	familyName    = "mptcp_pm"
	familyVersion = 1
)

// Conn is a connection to the path manager of one network namespace. It may be
// used by several goroutines; requests go one after the other.
//
// Every call ends with its context. The kernel does not take back a command that
// it has begun, so a cancelled one may have been carried out. Its answer is
// never taken for that of the next.
type Conn struct {
	socket   io.Closer
	requests *nl.Requests
	turn     chan struct{} // full while a request is under way
}

// Dial connects to the path manager of the calling thread's network namespace,
// or of another by InNetNS. The error is ErrNotSupported where the kernel has
// none.
func Dial(ctx context.Context, options ...Option) (*Conn, error) {
	o := settings(options)
	if o.netns == 0 {
		return dialOwn(ctx, o.family)
	}
	generic, family, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	requests, err := nl.NewRequests(generic, family.ID)
	if err != nil {
		generic.Close()
		return nil, err
	}
	return newConn(generic, requests), nil
}

func newConn(socket io.Closer, requests *nl.Requests) *Conn {
	return &Conn{socket: socket, requests: requests, turn: make(chan struct{}, 1)}
}

// dialOwn connects to the calling thread's network namespace.
func dialOwn(ctx context.Context, family string) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	requests, err := nl.DialRequests(family)
	if errors.Is(err, os.ErrNotExist) {
		return nil, noFamily(family)
	}
	if err != nil {
		return nil, err
	}
	return newConn(requests, requests), nil
}

func noFamily(name string) error {
	return fmt.Errorf("find netlink family %s: %w: it needs Linux 5.6 or later with CONFIG_MPTCP", name, ErrNotSupported)
}

// Close closes the connection.
func (c *Conn) Close() error { return c.socket.Close() }

// open makes a socket and finds the family.
func open(ctx context.Context, o dialOptions) (*genetlink.Conn, genetlink.Family, error) {
	if err := ctx.Err(); err != nil {
		return nil, genetlink.Family{}, err
	}
	generic, err := nl.DialGeneric(o.netns)
	if err != nil {
		return nil, genetlink.Family{}, err
	}
	family, err := await(ctx, func() (genetlink.Family, error) { return generic.GetFamily(o.family) })
	if err != nil {
		generic.Close()
		if errors.Is(err, os.ErrNotExist) {
			return nil, family, noFamily(o.family)
		}
		return nil, family, fmt.Errorf("find netlink family %s: %w", o.family, nl.Kernel(err))
	}
	return generic, family, nil
}
