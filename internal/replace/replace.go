// Package replace makes MPTCP sockets in the place of TCP sockets that other programs
// hold already, with everything that those were told.
package replace

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Maker makes a stream socket of a family (AF_INET, AF_INET6) and a protocol
// (IPPROTO_TCP, IPPROTO_MPTCP) in the network namespace that the new socket is to be
// in.
type Maker func(family, protocol int) (fd int, err error)

// Here makes sockets in the namespace of the calling thread.
func Here(family, protocol int) (int, error) {
	return unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
}

// Socket makes an MPTCP socket with everything of the TCP socket fd of a thread or
// process, which has to be in a call that waits: else its socket may change meanwhile.
// cloexec is that of the number fd, which the caller puts newFD into. The TCP socket
// stays as it was. Errors wrap ErrNotReplaceable when the TCP socket has to stay; then
// Reason has a word for it. What cannot be seen from outside is named at Unseen.
func Socket(pid, fd int) (newFD int, cloexec bool, err error) { return SocketBy(pid, fd, Here) }

// SocketBy is Socket for a program that may have changed its network namespace: where
// that of the socket is another one, Socket's error is ErrNamespace.
func SocketBy(pid, fd int, make Maker) (newFD int, cloexec bool, err error) {
	newFD, cloexec, err = replacement(pid, fd, make)
	if err != nil {
		return -1, false, fmt.Errorf("replace socket %d of thread %d: %w", fd, pid, err)
	}
	return newFD, cloexec, nil
}

// Unseen is what a socket may have been told without a way for others to see it. It is
// lost when the socket is replaced.
const Unseen = "keys of TCP_MD5SIG, programs of SO_ATTACH_REUSEPORT_CBPF and SO_ATTACH_REUSEPORT_EBPF, " +
	"BPF storage, memberships in multicast groups, copies of the descriptor in other processes, polls by io_uring"

func replacement(pid, fd int, make Maker) (newFD int, cloexec bool, err error) {
	old, err := copyOf(pid, fd)
	if err != nil {
		return -1, false, err
	}
	defer unix.Close(old)
	family, err := examine(old)
	if err != nil {
		return -1, false, err
	}
	if cloexec, err = closesOnExec(pid, fd); err != nil {
		return -1, false, err
	}
	inode, err := inodeOf(old)
	if err != nil {
		return -1, false, err
	}
	instances, err := sole(pid, fd, inode)
	if err != nil {
		return -1, false, err
	}
	if newFD, err = successor(old, family, make); err != nil {
		return -1, false, err
	}
	for _, instance := range instances {
		if err := rewatch(pid, instance, fd, inode, newFD); err != nil {
			unix.Close(newFD)
			return -1, false, err
		}
	}
	return newFD, cloexec, nil
}

// successor makes the socket that is to be in the place of old.
func successor(old, family int, make Maker) (int, error) {
	fresh, err := make(family, unix.IPPROTO_TCP)
	if err != nil {
		return -1, fmt.Errorf("make TCP socket to compare with: %w", err)
	}
	defer unix.Close(fresh)
	if err := sameNamespace(old, fresh); err != nil {
		return -1, err
	}
	fd, err := make(family, unix.IPPROTO_MPTCP)
	if err != nil {
		return -1, fmt.Errorf("make MPTCP socket: %w", err)
	}
	if err := furnish(fd, old, fresh, family); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// furnish gives an MPTCP socket all that the old socket has.
func furnish(fd, old, fresh, family int) error {
	if err := carryOptions(fd, old, fresh, family); err != nil {
		return err
	}
	if err := carryAddress(fd, old, fresh); err != nil {
		return err
	}
	return carryFlags(fd, old)
}
