package netcat

import (
	"context"
	"time"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// progress is what changes as long as anything moves.
type progress struct {
	sent, received uint64
	queued         int // bytes not acknowledged yet
}

// watchIdle ends the session when nothing has moved for a while. A large piece on
// a slow path takes its time in the kernel: what is acknowledged is progress, too.
func (s *session) watchIdle(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(max(s.Idle/8, time.Millisecond))
	defer ticker.Stop()
	last, at := s.progress(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if now := s.progress(); now != last {
			last, at = now, time.Now()
		} else if time.Since(at) >= s.Idle {
			end(&PeerError{&IdleError{s.Idle}})
			return
		}
	}
}

func (s *session) progress() progress {
	return progress{s.sent.Load(), s.received.Load(), queued(s.conn)}
}

// queued is how many bytes wait in the socket to be acknowledged, 0 if it does
// not tell.
func queued(c *mptcp.Conn) (n int) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) { n, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) })
	return n
}
