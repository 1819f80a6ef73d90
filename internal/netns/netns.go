// Package netns makes network namespaces, runs code in them, and starts this
// program again inside a user namespace when it lacks the rights to make any.
package netns

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// NS is an open network namespace. It lives as long as something refers to it:
// this handle, a socket or thread inside it, or a name made by Publish. Its
// methods may be called from several goroutines.
type NS struct {
	file *os.File
}

// New makes a network namespace with nothing in it but a loopback interface
// that is down. It needs CAP_SYS_ADMIN (see Privileged).
func New() (*NS, error) {
	var ns *NS
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); errors.Is(err, unix.ENOSPC) {
			return fmt.Errorf("make network namespace: %w (the limit sysctl user.max_net_namespaces)", err)
		} else if err != nil {
			return fmt.Errorf("make network namespace: %w", err)
		}
		var err error
		ns, err = Current()
		return err
	})
	return ns, err
}

// Current opens the network namespace of the calling thread.
func Current() (*NS, error) {
	return Open("/proc/thread-self/ns/net")
}

// Open opens the network namespace a file stands for: /run/netns/NAME or
// /proc/PID/ns/net.
func Open(path string) (*NS, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open network namespace: %w", err)
	}
	return &NS{file: file}, nil
}

// Fd returns the namespace's file descriptor, valid until Close and while the
// NS is reachable; -1 after Close.
func (ns *NS) Fd() int { return int(ns.file.Fd()) }

// File returns the namespace's open file, for handing to a child process.
func (ns *NS) File() *os.File { return ns.file }

// Close gives up this handle. The kernel destroys the namespace when nothing
// else refers to it.
func (ns *NS) Close() error { return ns.file.Close() }

// Do runs fn inside the namespace, on a thread of its own that is thrown away
// afterwards, so that no other goroutine ever runs there. What fn creates with
// system calls of its own (sockets, files under /proc/sys/net, processes)
// belongs to the namespace for good; goroutines that fn starts run outside.
func (ns *NS) Do(fn func() error) error {
	return onThread(func() error {
		err := ns.use(func(fd int) error { return unix.Setns(fd, unix.CLONE_NEWNET) })
		if err != nil {
			return fmt.Errorf("enter network namespace: %w", err)
		}
		return fn()
	})
}

// use calls fn with the file descriptor, which cannot be closed meanwhile and
// come to mean another namespace.
func (ns *NS) use(fn func(fd int) error) error {
	raw, err := ns.file.SyscallConn()
	if err != nil {
		return err
	}
	closed := raw.Control(func(fd uintptr) { err = fn(int(fd)) })
	if closed != nil {
		return closed
	}
	return err
}
