package program

import (
	"errors"
	"fmt"
	"slices"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// Fate is what the running kernel does with a socket option on a new MPTCP socket,
// compared with a TCP socket. A nil pointer: TCP does not have it here either, so that
// nothing is lost.
type Fate struct {
	Option string `json:"option"`
	Set    *bool  `json:"set_fails"`
	Get    *bool  `json:"get_fails"`
}

// Fails reports whether something that TCP does fails on MPTCP.
func (f *Fate) Fails() bool { return f.Set != nil && *f.Set || f.Get != nil && *f.Get }

// Told reports whether anything could be found out.
func (f *Fate) Told() bool { return f.Set != nil || f.Get != nil }

// Probe tries options on sockets of both kinds, which it closes without any packet:
// those with these names, of all that package mptcp has a name for; all of them when
// none is given. It takes a few microseconds for each.
func Probe(names ...string) (fates []Fate, err error) {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	for _, o := range mptcp.SocketOptions() {
		if len(names) > 0 && !wanted[o.Name] {
			continue
		}
		fate, err := probe(&o)
		if err != nil {
			return nil, err
		}
		fates = append(fates, fate)
	}
	return fates, nil
}

// notOfStreams are options that no stream socket takes, whatever the value: the answer
// EINVAL does not say which of the two is wrong (do_ip_setsockopt in
// net/ipv4/ip_sockglue.c, do_ipv6_setsockopt in net/ipv6/ipv6_sockglue.c).
var notOfStreams = []string{"IP_MULTICAST_IF", "IP_MULTICAST_TTL", "IPV6_MULTICAST_IF", "IPV6_MULTICAST_HOPS"}

func probe(o *mptcp.Compatibility) (Fate, error) {
	f := Fate{Option: o.Name}
	family := unix.AF_INET
	if o.Level == unix.IPPROTO_IPV6 {
		family = unix.AF_INET6
	}
	for _, c := range []struct {
		into *(*bool)
		try  func(fd int) error
	}{
		// Whatever the option takes, four bytes are not enough or do no harm: a
		// protocol that does not know it says so before it looks at them.
		{&f.Set, func(fd int) error { return unix.SetsockoptInt(fd, o.Level, o.Option, 1) }},
		{&f.Get, func(fd int) error { return getOption(fd, o.Level, o.Option) }},
	} {
		ofTCP, err := onSocket(family, unix.IPPROTO_TCP, c.try)
		if errors.Is(err, unix.EAFNOSUPPORT) {
			return f, nil // no IPv6 here
		}
		ofMPTCP, err2 := onSocket(family, unix.IPPROTO_MPTCP, c.try)
		if err := errors.Join(err, err2); err != nil {
			return f, fmt.Errorf("probe socket option %s: %w", o.Name, err)
		}
		if !isRefused(ofTCP) && !(c.into == &f.Set && slices.Contains(notOfStreams, o.Name)) {
			fails := isRefused(ofMPTCP)
			*c.into = &fails
		}
	}
	return f, nil
}

// isRefused reports whether a protocol does not have an option. What is wrong with the
// value, or with the state that the socket is in, is no refusal.
func isRefused(err error) bool {
	return errors.Is(err, unix.ENOPROTOOPT) || errors.Is(err, unix.EOPNOTSUPP)
}

func onSocket(family, protocol int, try func(fd int) error) (answer, err error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, fmt.Errorf("make socket of protocol %d: %w", protocol, err)
	}
	defer unix.Close(fd)
	return try(fd), nil
}

// getOption asks with room for any value there is.
func getOption(fd, level, option int) error {
	_, err := unix.GetsockoptString(fd, level, option)
	return err
}
