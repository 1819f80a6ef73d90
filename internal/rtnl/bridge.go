package rtnl

import (
	"fmt"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// AddBridge makes an Ethernet bridge. It has no spanning tree, so its ports
// forward as soon as they are up, and must not be wired in a circle; multicast
// goes to all ports. Like any new interface it is down until SetUp.
func (c *Conn) AddBridge(name string) error {
	data, err := bridgeData()
	if err == nil {
		err = c.route.Link.New(&rtnetlink.LinkMessage{
			Attributes: &rtnetlink.LinkAttributes{
				Name: name,
				Info: &rtnetlink.LinkInfo{
					Kind: "bridge",
					Data: &rtnetlink.LinkData{Name: "bridge", Data: data},
				},
			},
		})
	}
	if err != nil {
		return fmt.Errorf("add bridge %s: %w", name, nl.Kernel(err))
	}
	return nil
}

func bridgeData() ([]byte, error) {
	attributes := netlink.NewAttributeEncoder()
	attributes.Uint32(unix.IFLA_BR_FORWARD_DELAY, 0) // hundredths of a second
	attributes.Uint32(unix.IFLA_BR_STP_STATE, 0)
	attributes.Uint8(unix.IFLA_BR_MCAST_SNOOPING, 0)
	return attributes.Encode()
}

// SetMaster makes an interface a port of a bridge, in place of the one that it
// is a port of; "" makes it a port of none. An interface leaves its bridge even
// where the kernel then refuses the new one.
func (c *Conn) SetMaster(name, bridge string) error {
	master, err := c.masterIndex(bridge)
	if err == nil {
		err = c.route.Link.Set(&rtnetlink.LinkMessage{
			Attributes: &rtnetlink.LinkAttributes{Name: name, Master: &master},
		})
	}
	if err != nil {
		return fmt.Errorf("set master of %s to %q: %w", name, bridge, nl.Kernel(err))
	}
	return nil
}

func (c *Conn) masterIndex(bridge string) (uint32, error) {
	if bridge == "" {
		return 0, nil
	}
	index, err := c.LinkIndex(bridge)
	return uint32(index), err
}
