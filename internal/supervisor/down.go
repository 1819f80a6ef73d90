package supervisor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// downWait is how long a lab may take to end its processes and go.
const downWait = 15 * time.Second

// Down takes a lab down, and returns when nothing is left of it.
func Down(ctx context.Context, name string) error {
	about, err := aboutLab(ctx, name)
	if err != nil {
		return err
	}
	// Had from a lab that is up, the number is its watcher's.
	watcher, err := unix.PidfdOpen(about.Watcher, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("lab %s: watch process %d: %w", name, about.Watcher, err)
	}
	defer unix.Close(watcher)
	if _, err = ask(ctx, name, &request{Op: "down"}); err != nil && !errors.Is(err, errEnded) && !errors.Is(err, ErrNoLab) {
		return err
	}
	if err := awaitEnd(ctx, watcher); err != nil {
		return fmt.Errorf("lab %s: wait for process %d: %w", name, about.Watcher, err)
	}
	return nil
}

// awaitEnd waits until a process has ended.
func awaitEnd(ctx context.Context, pidfd int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, downWait, fmt.Errorf("it has not ended within %v", downWait))
	defer cancel()
	polled := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for ctx.Err() == nil {
		n, err := unix.Poll(polled, 50) // ms, to look at ctx
		if n > 0 || err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
	return context.Cause(ctx)
}
