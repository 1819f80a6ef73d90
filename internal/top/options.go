package top

import (
	"context"
	"time"

	"allroads/internal/live"
)

// Options say what is shown.
type Options struct {
	// Open opens what is looked at, with the processes that have the sockets or
	// without. It is called again when that changes, or when all namespaces that
	// there were have disappeared.
	Open func(ctx context.Context, owners bool) (Source, error)

	NetNS      string // events are heard of this network namespace; "": the own one
	Everywhere bool   // or of all

	Interval time.Duration // between two looks; see CheckInterval
	Owners   bool          // to begin with
	NoEvents bool
}

// Source is what a live.Watcher does.
type Source interface {
	Look(context.Context) (*live.Snapshot, error)
	Close() error
}
