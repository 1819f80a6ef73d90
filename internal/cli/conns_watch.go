package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"allroads/internal/live"
)

// connsLooks is what a watch is shown in.
type connsLooks interface {
	look(s *live.Snapshot) error
}

// watchConns looks again and again, until its context ends or there is nothing to
// look at any more.
func watchConns(ctx context.Context, w *live.Watcher, every time.Duration, view connsLooks) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		snapshot, err := w.Look(ctx)
		if err != nil {
			return err
		}
		for _, lost := range snapshot.Lost {
			fmt.Fprintf(os.Stderr, "allroads: network namespace %s: no such namespace any more\n", printable(lost.Name))
		}
		if err := view.look(snapshot); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
