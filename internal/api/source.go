package api

import (
	"context"
	"errors"

	"allroads/internal/control"
)

// Source is who knows the answers. Its methods are called by several goroutines at once.
// What they return is read later, and must not be changed any more. Schemas need not be
// set, and slices may be nil: both are filled in here.
type Source interface {
	// Status and Paths are what holds now. They must not wait for the network.
	Status() control.Status
	// Paths wraps ErrBusy where a namespace does not answer now.
	Paths() (control.Paths, error)
	// Story is that of a connection, also for a while after its end. Namespace "" is
	// whichever has it. It wraps ErrUnknown where none has, ErrAmbiguous where several do,
	// and ErrBusy where one that might does not answer now.
	Story(namespace, token string) (control.Story, error)
	// Reload reads the configuration anew, and returns when it holds. With an error
	// nothing has changed: its text says file, line and what is wrong.
	Reload(context.Context) (control.Reloaded, error)
	// Events is where everything is published that happens: always the same.
	Events() *Stream
}

// What the Source may wrap.
var (
	ErrUnknown   = errors.New("no such connection is known")
	ErrBusy      = errors.New("its worker is busy: ask again")
	ErrAmbiguous = errors.New("several namespaces have such a connection")
)
