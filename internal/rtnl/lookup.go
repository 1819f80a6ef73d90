package rtnl

import (
	"errors"
	"fmt"
	"net/netip"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// Lookup asks where the kernel would send TCP packets to an address from one of its own
// (not valid: it may choose one) out of an interface (0: any), by its rules and tables.
// The Hop's prefix and table are those of the route that matches (or of the destination,
// where one of IPv6 with a longer prefix leads elsewhere). The error is
// ENETUNREACH where none does, a black hole does, or an IPv4 source is no address of this
// host, EHOSTUNREACH or EACCES where a route says so, and ENODEV without the interface.
//
// For a bound interface the kernel itself takes an IPv4 destination to be on the link
// where no route matches (ip_route_output_key_hash_rcu of net/ipv4/route.c); this is
// not a route here.
func (c *Conn) Lookup(to, from netip.Addr, link int) (Hop, error) {
	to, from = to.Unmap().WithZone(""), from.Unmap().WithZone("")
	hop, err := c.lookup(to, from, link)
	if err != nil {
		return Hop{}, fmt.Errorf("look up the route to %s%s%s: %w", to, origin(from), out(link), err)
	}
	return hop, nil
}

func origin(from netip.Addr) string {
	if !from.IsValid() {
		return ""
	}
	return fmt.Sprintf(" from %s", from)
}

func out(link int) string {
	if link == 0 {
		return ""
	}
	return fmt.Sprintf(" out of interface %d", link)
}

func (c *Conn) lookup(to, from netip.Addr, link int) (Hop, error) {
	if !to.IsValid() || from.IsValid() && to.Is4() != from.Is4() {
		return Hop{}, fmt.Errorf("no two addresses of a family: %w", unix.EINVAL)
	}
	if link < 0 {
		return Hop{}, unix.ENODEV
	}
	found, err := c.match(to, from, link, unix.RTM_F_FIB_MATCH)
	switch {
	case err != nil:
		return Hop{}, unreachable(err, to, link)
	case found.flags&unix.RTM_F_CLONED != 0 && to.Is4() && link != 0:
		// A kernel before 4.13 does not say whether a route matched, so the interface
		// must not be named.
		found, err = c.match(to, from, 0, 0)
	case to.Is6() && link != 0 && !found.leads(link):
		// For IPv6 the interface only sways the choice if there is a source, and there
		// may be another route over it (RT6_LOOKUP_F_IFACE of net/ipv6/route.c).
		found, err = c.match(to, netip.Addr{}, link, 0)
	}
	if err != nil {
		return Hop{}, unreachable(err, to, link)
	}
	return found.choose(link)
}

// leads reports whether a route is over an interface. One to the host itself always is.
func (r routeFound) leads(link int) bool {
	return r.kind == unix.RTN_LOCAL || route{hops: r.hops}.uses(link)
}

// choose takes the next hop over an interface, or the first that can be used.
func (r routeFound) choose(link int) (Hop, error) {
	if r.kind != unix.RTN_UNICAST && r.kind != unix.RTN_LOCAL {
		return Hop{}, fmt.Errorf("the route of type %d is for no connection: %w", r.kind, unix.ENETUNREACH)
	}
	for _, next := range r.hops {
		if !next.dead && (link == 0 || next.link == link || r.kind == unix.RTN_LOCAL) {
			return Hop{To: r.to, From: r.from, Via: next.via, Link: next.link, Source: r.source,
				Table: r.table, Metric: r.metric, Protocol: r.protocol}, nil
		}
	}
	return Hop{}, unix.ENETUNREACH
}

// match asks the kernel.
func (c *Conn) match(to, from netip.Addr, link int, flags uint32) (found routeFound, err error) {
	body := make([]byte, routeHeader)
	body[0], body[1] = family(to), uint8(to.BitLen())
	if to.Is4() {
		flags |= unix.RTM_F_LOOKUP_TABLE // IPv6 tells the table anyway, and refuses the flag.
	}
	copy(body[8:], word(flags))
	body = attribute(body, unix.RTA_DST, to.AsSlice())
	if from.IsValid() {
		body[2] = uint8(from.BitLen())
		body = attribute(body, unix.RTA_SRC, from.AsSlice())
	}
	if link != 0 {
		body = attribute(body, unix.RTA_OIF, word(uint32(link)))
	}
	body = attribute(body, unix.RTA_IP_PROTO, []byte{unix.IPPROTO_TCP})
	understood := false
	err = c.requests.get(unix.RTM_GETROUTE, body, func(m message) { found, understood = parseRoute(m.body) })
	if err == nil && !understood {
		err = errors.New("the kernel's answer is no route")
	}
	return found, err
}

// unreachable says what an error means. With an interface and without a route the
// kernel answers EHOSTUNREACH for IPv4; EINVAL without a text is a black hole, or on older
// kernels a source that is no address of this host.
func unreachable(err error, to netip.Addr, link int) error {
	var refused *nl.Error
	if !errors.As(err, &refused) {
		return err
	}
	if to.Is4() && link != 0 && refused.Errno == unix.EHOSTUNREACH || refused.Errno == unix.EINVAL && refused.Message == "" {
		return &nl.Error{Errno: unix.ENETUNREACH, Message: refused.Message}
	}
	return err
}
