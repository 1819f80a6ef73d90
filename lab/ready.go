package lab

import (
	"context"
	"fmt"
	"time"
)

// readyWait is how long a link may take to come up: older kernels let others
// wait a second for their turn.
const readyWait = 5 * time.Second

// ready waits until the links carry packets. The kernel ends the work of
// bringing a link up in the background (net/core/link_watch.c), and drops what
// is sent before; whoever sent it would try again after a second.
func (l *Lab) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	for _, link := range l.Topology.Links {
		for _, end := range link.Ends {
			if err := l.hosts[end.Host].ready(ctx, end.Interface); err != nil {
				return fmt.Errorf("wait for %s of link %s: %w", end.Interface, link.Name, err)
			}
		}
	}
	return nil
}

func (h *Host) ready(ctx context.Context, name string) error {
	for {
		// To be asked about one interface makes the kernel do its work at once,
		// from Linux 6.8.
		running, err := h.route.IsRunning(name)
		if err != nil || running {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}
