package rtnl

import (
	"fmt"
	"math"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
)

// SetMTU sets the greatest length, in bytes, of the packets that an interface
// carries. What an interface can have depends on its kind, 68 to 65535 for a
// veth; below 1280 it has no IPv6.
func (c *Conn) SetMTU(name string, mtu int) error {
	if mtu <= 0 || mtu > math.MaxInt32 {
		return fmt.Errorf("set mtu of %s: %d is not between 1 and %d", name, mtu, math.MaxInt32)
	}
	err := c.route.Link.Set(&rtnetlink.LinkMessage{
		Attributes: &rtnetlink.LinkAttributes{Name: name, MTU: uint32(mtu)},
	})
	if err != nil {
		return fmt.Errorf("set mtu of %s to %d: %w", name, mtu, nl.Kernel(err))
	}
	return nil
}

// MTU returns the greatest length, in bytes, of the packets that an interface
// carries.
func (c *Conn) MTU(name string) (int, error) {
	link, err := c.link(name)
	if err != nil {
		return 0, err
	}
	return int(link.Attributes.MTU), nil
}
