// Package notify makes a program use MPTCP by answering its socket() calls: the strategy
// of seccomp's user notification. A filter picks the calls; a supervisor makes an MPTCP
// socket for each and puts it into the program. It needs no rights, and nothing of ours
// is in the program but the filter.
//
// # What is the supervisor's
//
// A socket has the user, cgroup and security label of who made it, which is the
// supervisor. Its network namespace is the caller's: a thread in another one than the
// supervisor gets a socket of that one when the supervisor may enter it, else a TCP
// socket, and the report says so.
//
// # When the supervisor dies
//
// A call that is picked waits for its answer. When the last descriptor of the listener
// is closed, the kernel fails it, and all later ones, with ENOSYS. So a standby process
// has the listener as well, in a session of its own, and goes on when the supervisor is
// killed; what the supervisor had received and not answered would wait for ever, and is
// found in a page of memory that both have. Only when both are killed at once can the
// program open no more sockets.
//
// A supervisor that is stopped (SIGSTOP) is not dead: socket() waits until it goes on.
package notify
