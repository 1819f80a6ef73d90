package impair

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"allroads/internal/netns"
)

// A Port is one end of a Link: an Ethernet interface, such as the far end of the
// veth pair whose near end is a host's. Its namespace should leave it alone: no
// addresses, net.ipv6.conf.IFACE.disable_ipv6=1, no queueing discipline.
type Port struct {
	NS        *netns.NS // nil is the caller's
	Interface string
}

// do calls fn in the port's namespace.
func (p Port) do(fn func() error) error {
	if p.NS == nil {
		return fn()
	}
	return p.NS.Do(fn)
}

// An iface is what a socket has to know about its interface.
type iface struct {
	index, mtu int
}

// findInterface looks up an interface in the namespace of the socket.
func findInterface(fd int, name string) (iface, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return iface{}, fmt.Errorf("interface %q: a name has 1 to %d characters", name, unix.IFNAMSIZ-1)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, request); err != nil {
		return iface{}, os.NewSyscallError("look up interface", err)
	}
	if request.Uint16() != unix.ARPHRD_ETHER {
		return iface{}, fmt.Errorf("not an Ethernet interface (hardware type %d)", request.Uint16())
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request); err != nil {
		return iface{}, os.NewSyscallError("look up interface", err)
	}
	index := int(request.Uint32())
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFMTU, request); err != nil {
		return iface{}, os.NewSyscallError("read MTU", err)
	}
	return iface{index: index, mtu: int(request.Uint32())}, nil
}
