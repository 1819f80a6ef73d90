package pathtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// crowd are connections of the client to an echoing server, as bare file descriptors:
// thousands are made in a second.
type crowd []int

// makers is how many threads make connections.
const makers = 4

// crowd makes n connections, each of which sends a byte and gets it back: then both ends
// know that the other does MPTCP, and the path manager may begin.
func (s *site) crowd(n int, to ...netip.AddrPort) crowd {
	s.Helper()
	made := make(crowd, n)
	s.Cleanup(made.close)
	var group sync.WaitGroup
	var mutex sync.Mutex
	var failed error
	for m := range makers {
		group.Go(func() {
			err := s.client.Run(func() error {
				for i := m; i < n; i += makers {
					fd, err := dial(to[i%len(to)])
					if err != nil {
						return fmt.Errorf("connection %d: %w", i, err)
					}
					made[i] = fd
				}
				return nil
			})
			if err != nil {
				mutex.Lock()
				failed = err
				mutex.Unlock()
			}
		})
	}
	group.Wait()
	must(s, failed)
	return made
}

// dial connects, and waits for the echo of a byte.
func dial(to netip.AddrPort) (fd int, err error) {
	family, address, err := sockaddr(to)
	if err != nil {
		return 0, err
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return 0, fmt.Errorf("make an MPTCP socket: %w", err)
	}
	limit := unix.NsecToTimeval(int64(patience))
	for _, option := range []int{unix.SO_SNDTIMEO, unix.SO_RCVTIMEO} {
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, option, &limit); err != nil {
			return 0, err
		}
	}
	if err := connect(fd, address); err != nil {
		unix.Close(fd)
		return 0, fmt.Errorf("connect to %v: %w", to, err)
	}
	if err := ping(fd); err != nil {
		unix.Close(fd)
		return 0, err
	}
	return fd, nil
}

// sockaddr is an address in the kernel's form. An IPv4 address in IPv6 form is for a socket
// of IPv6.
func sockaddr(to netip.AddrPort) (family int, address unix.Sockaddr, err error) {
	if to.Addr().Is4() {
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}, nil
	}
	v6 := &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
	if zone := to.Addr().Zone(); zone != "" {
		// Not by package net, which remembers the interfaces of another namespace.
		request, err := unix.NewIfreq(zone)
		if err != nil {
			return 0, nil, err
		}
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return 0, nil, err
		}
		defer unix.Close(fd)
		if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request); err != nil {
			return 0, nil, fmt.Errorf("find the interface %s: %w", zone, err)
		}
		v6.ZoneId = request.Uint32()
	}
	return unix.AF_INET6, v6, nil
}

// connect goes on where one of the signals interrupts it that Go sends its threads.
func connect(fd int, to unix.Sockaddr) error {
	err := unix.Connect(fd, to)
	if err != unix.EINTR {
		return err
	}
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for err = unix.EINTR; err == unix.EINTR; {
		_, err = unix.Poll(poll, int(patience/time.Millisecond))
	}
	if err != nil {
		return err
	}
	if number, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || number != 0 {
		return errors.Join(err, syscall.Errno(number))
	}
	_, err = unix.Getpeername(fd) // ENOTCONN: it took too long.
	return err
}

// again repeats what a signal interrupts.
func again(call func() (int, error)) (n int, err error) {
	for err = unix.EINTR; err == unix.EINTR; {
		n, err = call()
	}
	return n, err
}

// ping sends a byte, and waits for it to come back.
func ping(fd int) error {
	if _, err := again(func() (int, error) { return unix.Write(fd, []byte{'x'}) }); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	var b [1]byte
	if n, err := again(func() (int, error) { return unix.Read(fd, b[:]) }); n != 1 || err != nil {
		return fmt.Errorf("read %d bytes of the echo: %w", n, err)
	}
	return nil
}

// pings holds that each connection still works.
func (c crowd) pings(t testing.TB) {
	t.Helper()
	for i, fd := range c {
		if err := ping(fd); err != nil {
			t.Fatalf("connection %d of %d does not work any more: %v", i, len(c), err)
		}
	}
}

// close ends the connections.
func (c crowd) close() {
	for i, fd := range c {
		if fd > 0 {
			unix.Close(fd)
		}
		c[i] = 0
	}
}

// subflows counts the client's connections by how many established subflows they have.
func (s *site) subflows() map[int]int {
	s.Helper()
	found := map[int]int{}
	s.eachConnection(func(c *sockdiag.Connection) { found[c.Established()]++ })
	return found
}

// eachConnection calls f with the client's connections.
func (s *site) eachConnection(f func(*sockdiag.Connection)) {
	s.Helper()
	must(s, s.client.Run(func() error {
		conn, err := sockdiag.Dial(context.Background(), 0)
		if err != nil {
			return err
		}
		defer conn.Close()
		for c, err := range conn.Connections(context.Background(), sockdiag.Filter{}) {
			if err != nil {
				return err
			}
			if len(c.Subflows) > 0 {
				f(c)
			}
		}
		return nil
	}))
}
