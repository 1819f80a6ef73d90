package lab

import (
	"errors"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"
)

// restore gives an end's interface the addresses and routes of the topology that
// it lacks.
func (l *Lab) restore(end EndConfig) error {
	route := l.hosts[end.Host].route
	for _, address := range end.Addresses {
		if err := route.AddAddress(end.Interface, address); err != nil && !errors.Is(err, unix.EEXIST) {
			return err
		}
	}
	host := l.Topology.node(end.Host)
	if host == nil { // A switch has none.
		return nil
	}
	for _, r := range host.Routes {
		over := slices.ContainsFunc(end.Addresses, func(p netip.Prefix) bool { return p.Contains(r.Via) })
		if r.Dev != end.Interface && !over {
			continue
		}
		if err := route.AddRoute(r.route()); err != nil && !errors.Is(err, unix.EEXIST) {
			return err
		}
	}
	return nil
}
