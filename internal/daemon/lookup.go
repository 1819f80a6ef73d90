package daemon

import (
	"net/netip"

	"allroads/internal/steering"
)

// lookups remembers which routes are there, until the network changes: ten thousand
// connections to the same peer take one look.
type lookups map[journey]error

type journey struct {
	to, from netip.Addr
	link     int
}

// lookupsKept bounds how many are remembered.
const lookupsKept = 4096

// route looks whether packets can go from an address by its interface. The error wraps
// unix.ENETUNREACH where no route leads there.
func (l lookups) route(routes routes, c steering.Command) error {
	j := journey{c.To.Addr().Unmap(), c.Local.Addr.Unmap(), c.Local.IfIndex}
	err, known := l[j]
	if known {
		return err
	}
	_, err = routes.Lookup(j.to, j.from, j.link)
	if len(l) >= lookupsKept {
		clear(l)
	}
	l[j] = err
	return err
}

// missing tells whether any route was looked for in vain.
func (l lookups) missing() bool {
	for _, err := range l {
		if err != nil {
			return true
		}
	}
	return false
}
