package replace

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// carryAddress binds a socket to the address and port of another one, so that what
// the program was told by getsockname() stays true. Both are free to share them for
// that moment (SO_REUSEADDR); the old one is given up next, or never listens.
func carryAddress(fd, old, fresh int) error {
	address, err := unix.Getsockname(old)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	port, anywhere := bound(address)
	if anywhere && (port == 0 || !holds(old, fresh)) {
		return nil
	}
	if port == 0 { // IP_BIND_ADDRESS_NO_PORT, which was carried over
		err = unix.Bind(fd, address)
	} else {
		err = shared(old, func() error { return shared(fd, func() error { return unix.Bind(fd, address) }) })
	}
	if err != nil {
		return fmt.Errorf("%w: bind: %w", ErrBound, err)
	}
	return nil
}

// holds reports whether a socket with no address has a port: after a connect() that has
// failed, getsockname() goes on to give the port that it had (inet_sport) and gave back.
// Of bind() to a port that another socket has for itself, the kernel says first that a
// port is there already.
func holds(old, fresh int) bool {
	address, err := unix.Getsockname(fresh)
	if err == nil {
		err = unix.Bind(fresh, address)
	}
	if err == nil {
		address, err = unix.Getsockname(fresh)
	}
	if err != nil {
		return true // It may be: the real bind() decides.
	}
	return unix.Bind(old, address) != unix.EADDRINUSE
}

func bound(address unix.Sockaddr) (port int, anywhere bool) {
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		return a.Port, a.Addr == [4]byte{}
	case *unix.SockaddrInet6:
		return a.Port, a.Addr == [16]byte{}
	}
	return 0, true
}

// shared runs fn while a socket has SO_REUSEADDR.
func shared(fd int, fn func() error) error {
	before, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR)
	if err != nil || before != 0 {
		return fn()
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_REUSEADDR", err)
	}
	err = fn()
	if resetErr := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 0); err == nil {
		err = os.NewSyscallError("setsockopt SO_REUSEADDR", resetErr)
	}
	return err
}
