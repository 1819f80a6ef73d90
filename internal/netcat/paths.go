package netcat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allroads/mptcp"
)

// ErrNoPath is wrapped by the error when a connection has had no subflow for too
// long. The kernel by itself waits for another one, a minute by default (sysctl
// net.mptcp.close_timeout), also when keep-alive has found the last one dead.
var ErrNoPath = errors.New("no path is left")

func (s *session) watchPaths(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(max(s.NoPath/8, time.Millisecond))
	defer ticker.Stop()
	for seen := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		subflows, err := s.conn.Subflows()
		switch {
		case err != nil: // It is TCP, which has one path, and ends with it.
			return
		case alive(subflows):
			seen = time.Now()
		case time.Since(seen) >= s.NoPath:
			end(&PeerError{fmt.Errorf("connection with %s: %w, for %v", s.peer, ErrNoPath, s.NoPath)})
			return
		}
	}
}

func alive(subflows []mptcp.Subflow) bool {
	for _, f := range subflows {
		if f.State != mptcp.StateClose && f.Remote.Port() != 0 {
			return true
		}
	}
	return false
}
