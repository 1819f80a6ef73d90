// Package rewrite makes a program use MPTCP by changing the protocol in its own calls
// of socket(): a filter of seccomp(2) picks them, and a tracer (ptrace(2)) rewrites the
// one argument in place. So each socket is made by the program itself, with its own
// user, cgroup, security label and network namespace. All other system calls run at
// full speed; signals, forks and thread starts take the detour over the tracer.
//
// The tracer has to live as long as the last of the tasks: when it is gone, the kernel
// lets everything go on untraced, and answers those calls that the filter picks with
// ENOSYS (kernel/seccomp.c, __seccomp_filter). Nothing brings that back.
//
// Not caught are sockets that come from io_uring, which is counted. Limits are those of ptrace(2): a task has one tracer, so
// debuggers and strace do not work inside (EPERM), nor does this package inside of
// `strace -f`; without privileges, set-uid programs gain none. A task that is made with
// CLONE_UNTRACED has the filter and no tracer (ENOSYS); nothing in use does that. A
// filter of the program's own which kills it for protocol 262 does kill it. One with
// a listener of its own for socket() decides before us, and we see nothing.
package rewrite

import (
	"errors"

	"allroads/internal/seccomp"
	"allroads/internal/tally"
	"allroads/internal/watch"
)

// ErrNotSupported is wrapped by Start on processors whose registers nobody here knows.
var ErrNotSupported = errors.New("changing system calls of a traced program is not written for this processor: take another strategy")

// Options say what becomes of sockets, and who hears of it.
type Options struct {
	// Require fails calls with EPROTONOSUPPORT where no MPTCP socket is to be had,
	// and io_uring_setup() with EPERM.
	Require bool
	// Tally counts; not nil.
	Tally *tally.Tally
	// Watch hears of each socket, while its thread stands still; nil: nobody does.
	Watch *watch.Watcher
}

// Filter is what is picked.
func Filter() seccomp.Filter { return seccomp.Filter{Sockets: true, Rings: true} }
