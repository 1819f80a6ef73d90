package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// routeWatch tells that any route or rule has changed. The picture of the network has
// default routes only, however many others there are; a subflow may wait for one of those.
type routeWatch struct {
	file *os.File
	wake chan struct{}
}

// watchRoutes opens it in the namespace of the calling thread. It tells of nothing yet.
func watchRoutes() (*routeWatch, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("watch routes: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("watch routes: %w", err)
	}
	return &routeWatch{os.NewFile(uintptr(fd), "netlink"), make(chan struct{}, 1)}, nil
}

// set has it tell of changes, or no longer.
func (r *routeWatch) set(on bool) error {
	option := unix.NETLINK_DROP_MEMBERSHIP
	if on {
		option = unix.NETLINK_ADD_MEMBERSHIP
	}
	raw, err := r.file.SyscallConn()
	if err != nil {
		return err
	}
	for _, group := range []int{unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE, unix.RTNLGRP_IPV4_RULE, unix.RTNLGRP_IPV6_RULE} {
		closed := raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_NETLINK, option, group) })
		if err := errors.Join(closed, err); err != nil {
			return fmt.Errorf("watch routes: %w", err)
		}
	}
	return nil
}

// calm is how long it waits after a change for others: where many routes come, they do
// so together.
const calm = 5 * time.Millisecond

// run reads what comes, and nothing in it. That messages were lost (ENOBUFS) is a
// change like any other.
func (r *routeWatch) run(ctx context.Context) {
	raw, err := r.file.SyscallConn()
	if err != nil {
		return
	}
	buffer := make([]byte, 64)
	for {
		closed := raw.Read(func(fd uintptr) bool {
			_, _, err := unix.Recvfrom(int(fd), buffer, unix.MSG_DONTWAIT)
			return err != unix.EAGAIN
		})
		if closed != nil {
			return
		}
		_ = raw.Control(func(fd uintptr) { drain(int(fd), buffer) })
		wake(r.wake) // After it was read: what comes now is another change.
		rest(ctx, calm)
	}
}

// drain takes what waits.
func drain(fd int, buffer []byte) {
	for range 1 << 16 {
		if _, _, err := unix.Recvfrom(fd, buffer, unix.MSG_DONTWAIT); err == unix.EAGAIN {
			return
		}
	}
}

// close ends it. There may be none.
func (r *routeWatch) close() {
	if r != nil {
		r.file.Close()
	}
}

// changes is where a change is told of; nowhere, where there is no watch.
func (r *routeWatch) changes() <-chan struct{} {
	if r == nil {
		return nil
	}
	return r.wake
}
