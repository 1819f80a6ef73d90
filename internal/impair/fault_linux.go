package impair

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// downCheck is how often to look whether an interface that is down still exists.
// The kernel tells its sockets that it goes down, but not that it is then removed.
const downCheck = 100 * time.Millisecond

// fault takes the socket's pending error and looks after the interface. It returns
// an error if that is gone; one that is down may come up again.
func (s *socket) fault() error {
	if _, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil {
		return fmt.Errorf("interface %s: read socket error: %w", s.name, err)
	}
	address, err := unix.Getsockname(s.fd)
	if err != nil {
		return fmt.Errorf("interface %s: read socket address: %w", s.name, err)
	}
	a, ok := address.(*unix.SockaddrLinklayer)
	if !ok || a.Ifindex <= 0 {
		return fmt.Errorf("interface %s: %w", s.name, ErrInterfaceGone)
	}
	s.down = !isUp(s.fd, a.Ifindex)
	return nil
}

// isUp looks at an interface by its index, as its name may have changed.
func isUp(fd, index int) bool {
	request, err := unix.NewIfreq("?")
	if err != nil {
		return false
	}
	request.SetUint32(uint32(index))
	if unix.IoctlIfreq(fd, unix.SIOCGIFNAME, request) != nil ||
		unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request) != nil {
		return false
	}
	return request.Uint16()&unix.IFF_UP != 0
}
