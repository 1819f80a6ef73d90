package mptcp

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// refused tells whether an errno says that a socket has no such option: IPv4
// answers the one, IPv6 the other, MPTCP and TCP either.
func refused(err error) bool {
	return err == unix.EOPNOTSUPP || err == unix.ENOPROTOOPT
}

func tooOld(option, since string, err error) error {
	return fmt.Errorf("%w: kernel lacks %s: run Linux %s or newer: %w",
		ErrNotSupported, option, since, os.NewSyscallError("getsockopt", err))
}

// explain turns a refused option into the reason why the socket refused it.
func explain(fd int, option, since string, err error) error {
	if !refused(err) {
		return os.NewSyscallError("getsockopt "+option, err)
	}
	is, isErr := isMPTCP(fd)
	switch {
	case isErr != nil:
		return isErr
	case is:
		return tooOld(option, since, err)
	}
	made, madeErr := madeMPTCP(fd)
	switch {
	case madeErr != nil:
		return madeErr
	case made:
		return fmt.Errorf("%w: it fell back to tcp", ErrNotMPTCP)
	}
	return fmt.Errorf("%w: the socket was not made for mptcp", ErrNotMPTCP)
}
