package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"allroads/mptcp"
)

// listenForSubflows listens where peers were told to: the kernel gives a subflow to its
// connection and not to whoever accepts. Other connections are not what it is for, and
// are closed at once; were they left alone, they would take the room that subflows need.
func (p *place) listenForSubflows(at netip.AddrPort) (io.Closer, error) {
	var listener *mptcp.Listener
	err := p.do(func() (err error) {
		listener, err = mptcp.Listen(context.Background(), at)
		return err
	})
	if err != nil {
		return nil, err
	}
	go refuse(listener)
	return listener, nil
}

func refuse(listener *mptcp.Listener) {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(pause) // As many files are open as may be.
			continue
		}
		_ = conn.SetLinger(0)
		conn.Close()
	}
}

func (u *userPaths) listenAt(at netip.AddrPort) error {
	if u.listeners[at] != nil {
		return nil
	}
	listener, err := u.w.system.listen(at)
	if err != nil {
		return fmt.Errorf("listen on %s for subflows: %w", at, err)
	}
	u.listeners[at] = listener
	return nil
}

func (u *userPaths) unlisten(at netip.AddrPort) error {
	listener := u.listeners[at]
	delete(u.listeners, at)
	if listener == nil {
		return nil
	}
	return listener.Close()
}
