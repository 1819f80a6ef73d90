package mptcp

import (
	"context"
	"fmt"
	"time"
)

// Nothing tells an ordinary program that a subflow came or went, so it looks:
// soon at first, then less often.
const (
	shortestPause = time.Millisecond
	longestPause  = 50 * time.Millisecond
)

// WaitSubflows waits until n subflows or more are in TCP state ESTABLISHED,
// each by its own account: the counters of MPTCP_INFO include half-open ones.
// It looks every 50 ms or sooner, and once more when ctx has ended. If that does
// not find them either, the error is a *SubflowsError. Other errors are those of
// ReadSubflows and come at once: a connection that fell back to TCP never gets
// another subflow.
func (c *Conn) WaitSubflows(ctx context.Context, n int) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		ended := ctx.Err()
		subflows, err := c.Subflows()
		if err != nil {
			return fmt.Errorf("wait for %d established subflows: %w", n, err)
		}
		if established(subflows) >= n {
			return nil
		}
		if ended != nil {
			return &SubflowsError{Want: n, Subflows: subflows, Err: ended}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func established(subflows []Subflow) (n int) {
	for _, s := range subflows {
		if s.State == StateEstablished {
			n++
		}
	}
	return n
}
