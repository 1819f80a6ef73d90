package watch

import (
	"context"
	"errors"
	"strconv"

	"allroads/internal/netns"
	"allroads/internal/nl"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// mostSpaces is how many network namespaces are looked into at once.
const mostSpaces = 16

var errTooManySpaces = errors.New("too many network namespaces")

// spaces are the network namespaces of sockets, by their cookies (SO_NETNS_COOKIE, Linux
// 5.14; before, all count as the own one).
type spaces struct {
	own uint64
	of  map[uint64]*space
}

// space is a network namespace that can be listed, unless there is an error.
type space struct {
	connections *sockdiag.Conn
	plain       *nl.Stream
	err         error
}

// noCookie stands for the own namespace where the kernel has no cookies.
const noCookie = 1<<64 - 1

func netnsCookie(fd int) uint64 {
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if err != nil {
		return noCookie
	}
	return cookie
}

// open finds out about the own namespace.
func (a *spaces) open() error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	a.own, a.of = netnsCookie(fd), map[uint64]*space{}
	return nil
}

// find returns the cookie of the namespace that a socket is in, which can be listed
// from now on if that is allowed.
func (a *spaces) find(fd int) uint64 {
	cookie := netnsCookie(fd)
	if a.of[cookie] == nil {
		a.of[cookie] = a.dial(cookie, fd)
	}
	return cookie
}

// ofCookie returns a namespace; 0 is taken for the own one.
func (a *spaces) ofCookie(cookie uint64) *space {
	if cookie == 0 {
		cookie = a.own
	}
	if a.of[cookie] == nil && cookie == a.own {
		a.of[cookie] = a.dial(cookie, -1)
	}
	return a.of[cookie]
}

func (a *spaces) dial(cookie uint64, fd int) *space {
	s := new(space)
	switch {
	case cookie == a.own:
		s.err = s.open()
	case len(a.of) >= mostSpaces:
		s.err = errTooManySpaces
	default:
		s.err = s.enter(fd)
	}
	return s
}

// enter takes CAP_NET_ADMIN over the namespace, and CAP_SYS_ADMIN (ioctl SIOCGSKNS).
func (s *space) enter(fd int) error {
	there, err := unix.IoctlRetInt(fd, unix.SIOCGSKNS)
	if err != nil {
		return err
	}
	defer unix.Close(there)
	ns, err := netns.Open("/proc/self/fd/" + strconv.Itoa(there))
	if err != nil {
		return err
	}
	defer ns.Close()
	return ns.Do(s.open)
}

func (s *space) open() (err error) {
	if s.connections, err = sockdiag.Dial(context.Background(), 0); err != nil {
		return err
	}
	s.plain, err = nl.DialStream(unix.NETLINK_SOCK_DIAG)
	return err
}

func (s *space) close() {
	if s.connections != nil {
		s.connections.Close()
	}
	if s.plain != nil {
		s.plain.Close()
	}
}

// keep closes all but those that are in use: a socket holds its namespace.
func (a *spaces) keep(used map[uint64]bool) {
	for cookie, s := range a.of {
		if cookie != a.own && !used[cookie] {
			s.close()
			delete(a.of, cookie)
		}
	}
}

func (a *spaces) close() {
	for _, s := range a.of {
		s.close()
	}
	clear(a.of)
}
