package rtnl

import (
	"fmt"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/jsimonetti/rtnetlink/v2/driver"
	"golang.org/x/sys/unix"
)

// AddVeth makes a pair of virtual Ethernet interfaces: name in this namespace,
// peer in the one that the file descriptor peerNS refers to.
func (c *Conn) AddVeth(name, peer string, peerNS int) error {
	err := c.route.Link.New(&rtnetlink.LinkMessage{
		Attributes: &rtnetlink.LinkAttributes{
			Name: name,
			Info: &rtnetlink.LinkInfo{
				Kind: "veth",
				Data: &driver.Veth{PeerInfo: &rtnetlink.LinkMessage{
					Attributes: &rtnetlink.LinkAttributes{
						Name:  peer,
						NetNS: rtnetlink.NetNSForFD(uint32(peerNS)),
					},
				}},
			},
		},
	})
	if err != nil {
		return fmt.Errorf("add veth pair %s and %s: %w", name, peer, nl.Kernel(err))
	}
	return nil
}

// DelLink takes an interface away; of a veth pair, both ends.
func (c *Conn) DelLink(name string) error {
	index, err := c.LinkIndex(name)
	if err == nil {
		err = c.route.Link.Delete(uint32(index))
	}
	if err != nil {
		return fmt.Errorf("delete interface %s: %w", name, nl.Kernel(err))
	}
	return nil
}

// SetUp brings an interface up.
func (c *Conn) SetUp(name string) error { return c.setFlags(name, unix.IFF_UP) }

// SetDown takes an interface down.
func (c *Conn) SetDown(name string) error { return c.setFlags(name, 0) }

func (c *Conn) setFlags(name string, up uint32) error {
	err := c.route.Link.Set(&rtnetlink.LinkMessage{
		Flags:      up,
		Change:     unix.IFF_UP,
		Attributes: &rtnetlink.LinkAttributes{Name: name},
	})
	if err != nil {
		return fmt.Errorf("set interface %s %s: %w", name, direction(up), nl.Kernel(err))
	}
	return nil
}

func direction(up uint32) string {
	if up == 0 {
		return "down"
	}
	return "up"
}

// IsRunning reports whether an interface is in operation: up, with a carrier
// (IFF_RUNNING of netdevice(7)).
func (c *Conn) IsRunning(name string) (bool, error) {
	link, err := c.link(name)
	if err != nil {
		return false, err
	}
	return link.Flags&unix.IFF_RUNNING != 0, nil
}
