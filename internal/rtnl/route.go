package rtnl

import (
	"fmt"
	"net/netip"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
)

// Route is where packets to a prefix go.
type Route struct {
	To     netip.Prefix // zero: anywhere, by the family of Via
	Via    netip.Addr   // the next router; zero: the prefix is on the link
	Dev    string       // the interface; "" is Link, or lets the kernel find the one to Via
	Link   int          // the index of the interface, where Dev is ""; 0: see Dev
	Source netip.Addr   // the source address to prefer; zero: the kernel chooses
	Table  uint32       // the routing table, 0: main
	Metric uint32       // the lower the better, 0: the kernel's default

	Protocol uint8 // RTPROT_*, who made it; 0: RTPROT_BOOT, as ip(8) has it
}

// AddRoute adds a route.
func (c *Conn) AddRoute(r Route) error {
	message, err := c.routeMessage(r)
	if err == nil {
		err = nl.Kernel(c.route.Route.Add(message))
	}
	if err != nil {
		return fmt.Errorf("add route to %s: %w", r.destination(), err)
	}
	return nil
}

// DeleteRoute removes the route that has all that r says; what r leaves out, Metric and
// Protocol too, may be anything there. The error is ESRCH where there is none.
func (c *Conn) DeleteRoute(r Route) error {
	message, err := c.routeMessage(r)
	if err == nil {
		message.Scope, message.Protocol = unix.RT_SCOPE_NOWHERE, r.Protocol
		err = nl.Kernel(c.route.Route.Delete(message))
	}
	if err != nil {
		return fmt.Errorf("delete route to %s: %w", r.destination(), err)
	}
	return nil
}

func (c *Conn) routeMessage(r Route) (*rtnetlink.RouteMessage, error) {
	message := routeMessage(r)
	message.Attributes.OutIface = uint32(r.Link)
	if r.Dev != "" {
		index, err := c.LinkIndex(r.Dev)
		if err != nil {
			return nil, err
		}
		message.Attributes.OutIface = uint32(index)
	}
	return message, nil
}

func (r Route) destination() string {
	if !r.To.IsValid() {
		return "anywhere"
	}
	return r.To.String()
}

func routeMessage(r Route) *rtnetlink.RouteMessage {
	message := &rtnetlink.RouteMessage{
		Family:   family(r.To.Addr(), r.Via),
		Table:    unix.RT_TABLE_MAIN,
		Protocol: unix.RTPROT_BOOT, // as ip(8) has it
		Scope:    unix.RT_SCOPE_UNIVERSE,
		Type:     unix.RTN_UNICAST,
	}
	if r.To.IsValid() {
		message.DstLength = uint8(r.To.Bits())
		message.Attributes.Dst = r.To.Addr().AsSlice()
	}
	if r.Via.IsValid() {
		message.Attributes.Gateway = r.Via.AsSlice()
	} else if message.Family == unix.AF_INET {
		message.Scope = unix.RT_SCOPE_LINK
	}
	if r.Source.IsValid() {
		message.Attributes.Src = r.Source.AsSlice()
	}
	if r.Table != 0 {
		message.Table = unix.RT_TABLE_UNSPEC // the attribute has room for all numbers
		message.Attributes.Table = r.Table
	}
	message.Attributes.Priority = r.Metric
	if r.Protocol != 0 {
		message.Protocol = r.Protocol
	}
	return message
}

// family is that of the first address there is.
func family(addresses ...netip.Addr) uint8 {
	for _, address := range addresses {
		if address.Is6() {
			return unix.AF_INET6
		}
		if address.Is4() {
			return unix.AF_INET
		}
	}
	return unix.AF_UNSPEC
}
