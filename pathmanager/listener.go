package pathmanager

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

const (
	eventGroup           = "mptcp_pm_events"
	defaultReceiveBuffer = 64 << 20
)

// Listener hears the path manager's events in a network namespace, or in all
// (see AllNetNS).
//
// Events that nobody reads wait in the kernel until its buffer is full (see
// ReceiveBuffer); those that come then are lost, and a Loss event stands where they
// are missing. To know again what is live, ask the kernel for its connections after
// the Loss was read, and go on from there with the events that follow: all that was
// lost happened before, and an event that tells what the answer had already is
// harmless.
//
// While anybody listens, in whatever network namespace, the kernel lets
// connections under the userspace path manager accept announced addresses and
// further subflows, which it refuses otherwise (net/mptcp/pm_userspace.c asks whether
// the group has listeners, and that counts those of all namespaces).
type Listener struct {
	generic *genetlink.Conn
	raw     syscall.RawConn
	family  uint16
	closed  atomic.Bool

	buffer []byte
	oob    []byte
	rest   []byte // of a datagram, what was not yet taken
	netns  int32  // where rest comes from
	loss   loss
}

// Listen begins to hear events. It has joined the group when it returns, so that
// what happens from then on is heard. It needs CAP_NET_ADMIN; the error is
// ErrPermission without it.
//
// The context ends with Listen; Close ends the events.
func Listen(ctx context.Context, options ...Option) (*Listener, error) {
	o := settings(options)
	generic, family, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	l := &Listener{generic: generic, family: family.ID, buffer: make([]byte, 16<<10), oob: make([]byte, 64)}
	if err := l.join(o, family); err != nil {
		generic.Close()
		return nil, fmt.Errorf("listen to events of the path manager: %w", refusal(err))
	}
	return l, nil
}

func (l *Listener) join(o dialOptions, family genetlink.Family) error {
	if err := l.generic.SetReadBuffer(o.buffer); err != nil {
		return err
	}
	if o.allNetNS {
		if err := l.generic.SetOption(netlink.ListenAllNSID, true); err != nil {
			return err
		}
	}
	var err error
	if l.raw, err = l.generic.SyscallConn(); err != nil {
		return err
	}
	if err := l.loss.begin(l.raw); err != nil {
		return err
	}
	for _, group := range family.Groups {
		if group.Name == eventGroup {
			return l.generic.JoinGroup(group.ID)
		}
	}
	return fmt.Errorf("no group %s: %w", eventGroup, ErrNotSupported)
}

// ReceiveBuffer returns how many bytes of events the kernel keeps for this
// listener, by its own count (twice what was asked for).
func (l *Listener) ReceiveBuffer() int {
	var size int
	_ = l.raw.Control(func(fd uintptr) { size, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF) })
	return size
}

// Close ends the events, also where they are waited for.
func (l *Listener) Close() error {
	l.closed.Store(true)
	return l.generic.Close()
}
