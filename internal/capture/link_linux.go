package capture

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A link is an interface to capture on, as the kernel knows it.
type link struct {
	index    int
	loopback bool
}

// findLinks looks the names up in the network namespace of the calling thread,
// which is also that of the socket fd.
func findLinks(fd int, names []string) ([]link, error) {
	if len(names) == 0 {
		return nil, errors.New("no interface given")
	}
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	links := make([]link, len(names))
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("interface %s is given twice", name)
		}
		if links[i], err = findLink(fd, all, name); err != nil {
			return nil, err
		}
	}
	return links, nil
}

func findLink(fd int, all []net.Interface, name string) (link, error) {
	at := slices.IndexFunc(all, func(i net.Interface) bool { return i.Name == name })
	if at < 0 {
		return link{}, fmt.Errorf("find interface %s: %w (there are %s)", name, unix.ENODEV, list(all))
	}
	if err := checkEthernet(fd, name); err != nil {
		return link{}, err
	}
	return link{index: all[at].Index, loopback: all[at].Flags&net.FlagLoopback != 0}, nil
}

func list(all []net.Interface) string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return strings.Join(names, ", ")
}

// checkEthernet refuses interfaces whose frames have no Ethernet header (tun,
// WireGuard, GRE): nothing that reads the packets would understand them.
func checkEthernet(fd int, name string) error {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return fmt.Errorf("find interface %s: %w", name, err)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, request); err != nil {
		return fmt.Errorf("read link layer of %s: %w", name, err)
	}
	switch kind := request.Uint16(); kind {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK:
		return nil
	default:
		return fmt.Errorf("interface %s has no Ethernet frames (its link layer is ARPHRD %d): %w", name, kind, ErrNotSupported)
	}
}
