package netcat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// ErrNoPath is wrapped by the error when a connection has had no subflow for too
// long. The kernel by itself waits for another one, a minute by default (sysctl
// net.mptcp.close_timeout), also when keep-alive has found the last one dead.
var ErrNoPath = errors.New("no path is left")

func (s *session) watchPaths(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(max(s.NoPath/8, time.Millisecond))
	defer ticker.Stop()
	var way wayTo
	for seen := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if way.goesOn(s.conn) {
			seen = time.Now()
		} else if time.Since(seen) >= s.NoPath {
			end(&PeerError{fmt.Errorf("connection with %s: %w, for %v", s.peer, ErrNoPath, s.NoPath)})
			return
		}
	}
}

// wayTo is what is known of the way to a peer.
type wayTo struct {
	gone bool // no subflow is left
	over bool // none was needed when the last one went
}

// goesOn reports whether there is a way, or no need of one: a connection of which
// both ends have said all has no subflows, and may still be read from.
func (w *wayTo) goesOn(c *mptcp.Conn) bool {
	subflows, err := c.Subflows()
	switch {
	case errors.Is(err, mptcp.ErrNotMPTCP): // It is TCP, whose one path keep-alive fails.
		return events(c)&unix.POLLERR == 0
	case err != nil:
		return true // as far as anybody knows
	case alive(subflows):
		*w = wayTo{}
		return true
	}
	if !w.gone { // Later, the kernel may have given up, which looks like the peer's end.
		*w = wayTo{gone: true, over: events(c)&unix.POLLRDHUP != 0}
	}
	return w.over && queued(c) == 0
}

func alive(subflows []mptcp.Subflow) bool {
	for _, f := range subflows {
		if f.State != mptcp.StateClose && f.Remote.Port() != 0 {
			return true
		}
	}
	return false
}

// events are those of poll(2) that a connection has now: its peer's end, and an
// error that nobody has been told of, which stays.
func events(c *mptcp.Conn) (found int16) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		asked := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		if _, err := unix.Poll(asked, 0); err == nil {
			found = asked[0].Revents
		}
	})
	return found
}
