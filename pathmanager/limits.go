package pathmanager

import (
	"fmt"

	"github.com/mdlayher/netlink"
)

// Commands and attributes of the limits (enum in uapi/linux/mptcp_pm.h).
const (
	cmdSetLimits = 5
	cmdGetLimits = 6

	attrRcvAddAddrs = 2
	attrSubflows    = 3
)

// Limits bound what the in-kernel path manager does per connection.
type Limits struct {
	// Subflows is how many subflows a connection may have beside its initial
	// one, 0 to 8 (64 from Linux 7.2).
	Subflows uint32 `json:"subflows"`
	// AddAddrAccepted is for how many announced addresses (ADD_ADDR) of the
	// peer subflows are made, 0 to 8 (64 from Linux 7.2).
	AddAddrAccepted uint32 `json:"add_addr_accepted"`
}

// Limits reads the namespace's limits.
func (c *Conn) Limits() (Limits, error) {
	replies, err := c.execute(cmdGetLimits, 0, nil)
	if err != nil {
		return Limits{}, fmt.Errorf("read limits: %w", err)
	}
	var limits Limits
	for _, reply := range replies {
		attributes, err := netlink.NewAttributeDecoder(reply.Data)
		if err != nil {
			return Limits{}, fmt.Errorf("read limits: %w", err)
		}
		for attributes.Next() {
			switch attributes.Type() {
			case attrRcvAddAddrs:
				limits.AddAddrAccepted = attributes.Uint32()
			case attrSubflows:
				limits.Subflows = attributes.Uint32()
			}
		}
		if err := attributes.Err(); err != nil {
			return Limits{}, fmt.Errorf("read limits: %w", err)
		}
	}
	return limits, nil
}

// SetLimits sets both limits. A limit above the kernel's maximum is refused and
// changes neither.
func (c *Conn) SetLimits(limits Limits) error {
	_, err := c.execute(cmdSetLimits, netlink.Acknowledge, func(attributes *netlink.AttributeEncoder) {
		attributes.Uint32(attrRcvAddAddrs, limits.AddAddrAccepted)
		attributes.Uint32(attrSubflows, limits.Subflows)
	})
	if err != nil {
		return fmt.Errorf("set limits subflows %d add_addr_accepted %d: %w",
			limits.Subflows, limits.AddAddrAccepted, err)
	}
	return nil
}
