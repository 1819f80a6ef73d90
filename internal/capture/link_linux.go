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
	name     string
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
	return link{index: all[at].Index, name: name, loopback: all[at].Flags&net.FlagLoopback != 0}, nil
}

// findAll finds those that have Ethernet frames.
func findAll(fd int) ([]link, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	var links []link
	for _, i := range all {
		// Those that are gone meanwhile, or have other frames, are not missed.
		if l, err := findLink(fd, all, i.Name); err == nil {
			links = append(links, l)
		}
	}
	return links, nil
}

// nameOf asks for the name of an interface in the namespace of the socket fd.
func nameOf(fd int, index int32) string {
	request, err := unix.NewIfreq("")
	if err == nil {
		request.SetUint32(uint32(index))
		err = unix.IoctlIfreq(fd, unix.SIOCGIFNAME, request)
	}
	if err != nil {
		return fmt.Sprintf("interface %d, gone", index)
	}
	return request.Name()
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
