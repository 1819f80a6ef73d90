package notify

import (
	"sync"

	"allroads/internal/choose"
	"allroads/internal/seccomp"
	"allroads/internal/tally"
	"allroads/internal/watch"
)

// Options say what becomes of a program's sockets.
type Options struct {
	// Require: what cannot be of MPTCP fails with EPROTONOSUPPORT, and
	// io_uring_setup() with EPERM.
	Require bool
	// Choose decides at connect() and bind(); nil: every socket is of MPTCP from
	// the beginning.
	Choose *choose.Chooser
	// Tally counts; nil: nobody wants to know.
	Tally *tally.Tally
	// Watch follows the connections; nil: nobody does.
	Watch *watch.Watcher
	// Busy is locked while a call is answered: who locks it, too, knows that all calls
	// are counted from which the program has come back. nil: nobody does.
	Busy sync.Locker
	// Standby: another process of this program waits to take over (see Supervise,
	// which the program has to call).
	Standby bool
	// Covered is closed when there is a standby, or when none is to be had: who ends
	// before would leave the calls of the program's children without an answer.
	// nil: nobody waits for that.
	Covered chan struct{}
}

// Filter picks what Serve has to see.
func Filter(o Options) seccomp.Filter {
	chosen := o.Choose != nil
	return seccomp.Filter{Sockets: !chosen, Addresses: chosen, Rings: true, Listeners: true}
}
