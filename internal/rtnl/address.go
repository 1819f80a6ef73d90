package rtnl

import (
	"fmt"
	"net/netip"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
)

// AddAddress gives an interface an address; the kernel adds the route to its
// prefix when the interface is up. IPv6 addresses are usable at once, without
// duplicate address detection, if the interface is up already: before that, the
// kernel may then take a second or two until it hears its neighbours.
func (c *Conn) AddAddress(name string, prefix netip.Prefix) error {
	if !prefix.IsValid() {
		return fmt.Errorf("add address to %s: no address with prefix length", name)
	}
	index, err := c.LinkIndex(name)
	if err == nil {
		err = c.route.Address.New(addressMessage(index, prefix))
	}
	if err != nil {
		return fmt.Errorf("add address %s to %s: %w", prefix, name, nl.Kernel(err))
	}
	return nil
}

func addressMessage(index int, prefix netip.Prefix) *rtnetlink.AddressMessage {
	address := prefix.Addr()
	message := &rtnetlink.AddressMessage{
		Family:       unix.AF_INET,
		PrefixLength: uint8(prefix.Bits()),
		Index:        uint32(index),
		Attributes:   &rtnetlink.AddressAttributes{Address: address.AsSlice()},
	}
	if address.Is4() {
		// IFA_ADDRESS alone would be the peer's on a point-to-point link.
		message.Attributes.Local = address.AsSlice()
		return message
	}
	message.Family = unix.AF_INET6
	message.Attributes.Flags = unix.IFA_F_NODAD
	return message
}
