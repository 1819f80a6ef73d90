package replace

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// scenario is a socket of another process, and what becomes of it.
type scenario struct {
	make func() (fd int, err error)
	want error // nil: it is replaced
	name string
}

// told makes a TCP socket and does something to it.
func told(family int, do func(fd int) error) func() (int, error) {
	return func() (int, error) {
		fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
		if err == nil {
			err = do(fd)
		}
		return fd, err
	}
}

func number(level, option, value int) func(int) error {
	return func(fd int) error { return unix.SetsockoptInt(fd, level, option, value) }
}

func watch(fd, times int) error {
	instance, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	return unix.EpollCtl(instance, times, fd, &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: int32(fd)})
}

var loopback4 = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}

// closed is an address where nobody listens.
func closed() (unix.Sockaddr, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err == nil {
		err = unix.Bind(fd, loopback4)
	}
	if err != nil {
		return nil, err
	}
	return unix.Getsockname(fd)
}

// refused connects a socket to where nobody listens.
func refused(fd int) error {
	address, err := closed()
	if err != nil {
		return err
	}
	err = unix.Connect(fd, address)
	if err == unix.EINPROGRESS {
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, -1)
	} else if err == unix.ECONNREFUSED {
		err = nil
	}
	return err
}

var scenarios = map[string]scenario{
	"plain":  {make: told(unix.AF_INET, func(int) error { return nil })},
	"plain6": {make: told(unix.AF_INET6, func(int) error { return nil })},
	"file": {make: func() (int, error) { return unix.Open("/dev/null", unix.O_RDONLY, 0) },
		want: ErrNotTCP},
	"no file": {make: func() (int, error) { return 777, nil }, want: ErrNotTCP},
	"datagram": {make: func() (int, error) { return unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0) },
		want: ErrNotTCP},
	"raw": {make: func() (int, error) { return unix.Socket(unix.AF_INET6, unix.SOCK_RAW, unix.IPPROTO_TCP) },
		want: ErrNotTCP},
	"unix": {make: func() (int, error) { return unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0) },
		want: ErrNotTCP},
	"mptcp": {make: func() (int, error) { return unix.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP) },
		want: ErrMPTCP},
	"listening": {make: told(unix.AF_INET, func(fd int) error { return unix.Listen(fd, 1) }), want: ErrListening},
	"connected": {make: told(unix.AF_INET, func(fd int) error {
		server, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		if err := errors.Join(unix.Bind(server, loopback4), unix.Listen(server, 1)); err != nil {
			return err
		}
		address, err := unix.Getsockname(server)
		if err != nil {
			return err
		}
		return unix.Connect(fd, address)
	}), want: ErrConnected},
	// The kernel makes a socket new again when a connect() that waited has failed.
	"refused": {make: told(unix.AF_INET, func(fd int) error { return refused(fd) })},
	// Who did not wait may learn what became of it by another connect().
	"refused in the background": {make: told(unix.AF_INET, func(fd int) error {
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
		return refused(fd)
	}), want: ErrUsed},
	"duplicated": {make: told(unix.AF_INET, func(fd int) error { _, err := unix.Dup(fd); return err }), want: ErrShared},
	"watched":    {make: told(unix.AF_INET, func(fd int) error { return watch(fd, unix.EPOLL_CTL_ADD) })},
	"filtered": {make: told(unix.AF_INET, func(fd int) error {
		program := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0xffff}}
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &program[0]})
	}), name: "SO_ATTACH_FILTER"},
	"user timeout": {make: told(unix.AF_INET6, number(unix.SOL_TCP, unix.TCP_USER_TIMEOUT, 1000)), name: "TCP_USER_TIMEOUT"},
	"unlocked": {make: told(unix.AF_INET, func(fd int) error {
		return errors.Join(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 5000),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BUF_LOCK, 0))
	}), name: "SO_BUF_LOCK"},
	// A number that epoll knows from a socket that was there before.
	"watched before": {make: told(unix.AF_INET, func(fd int) error {
		other, err := unix.Dup(fd)
		if err != nil {
			return err
		}
		if err := watch(fd, unix.EPOLL_CTL_ADD); err != nil {
			return err
		}
		if err := unix.Close(fd); err != nil {
			return err
		}
		again, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err == nil && (again != fd || other == fd) {
			err = fmt.Errorf("socket %d is not in the place of %d", again, fd)
		}
		return err
	})},
}

// TestScenarios: sockets of another process, with each reason to let one be.
func TestScenarios(t *testing.T) {
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pid, fd := hold(t, name)
			got, _, err := Socket(pid, fd)
			if err == nil {
				defer unix.Close(got)
			}
			s.check(t, got, err)
		})
	}
}

func (s scenario) check(t *testing.T, fd int, err error) {
	t.Helper()
	option, isOption := errors.AsType[*OptionError](err)
	switch {
	case s.name != "":
		if !isOption || option.Name != s.name || !strings.Contains(Reason(err), s.name) {
			t.Errorf("got %v, want option %s", err, s.name)
		}
	case s.want != nil:
		if !errors.Is(err, s.want) || Reason(err) != s.want.Error() {
			t.Errorf("got %v, want %v", err, s.want)
		}
	case err != nil:
		t.Fatal(err)
	default:
		if protocol, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL); protocol != unix.IPPROTO_MPTCP {
			t.Errorf("the new socket has protocol %d", protocol)
		}
		return
	}
	if !errors.Is(err, ErrNotReplaceable) {
		t.Errorf("%v does not wrap ErrNotReplaceable", err)
	}
}
