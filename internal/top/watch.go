package top

import (
	"context"
	"errors"

	"allroads/internal/live"
)

// watch looks at connections, one look at a time.
type watch struct {
	open   func(ctx context.Context, owners bool) (Source, error)
	source Source // nil: none yet
	owners bool   // it tells
	lost   bool   // all that it looked at disappeared
}

// look looks. What was opened for something else is opened anew.
func (w *watch) look(ctx context.Context, owners bool) (*live.Snapshot, error) {
	if w.source != nil && w.owners != owners {
		w.close()
	}
	if w.source == nil {
		source, err := w.open(ctx, owners)
		if err != nil && w.lost {
			return nil, live.ErrLost // still
		}
		if err != nil {
			return nil, err
		}
		w.source, w.owners = source, owners
	}
	snapshot, err := w.source.Look(ctx)
	if w.lost = errors.Is(err, live.ErrLost); w.lost {
		w.close()
	}
	return snapshot, err
}

func (w *watch) close() {
	if w.source != nil {
		w.source.Close()
		w.source = nil
	}
}
