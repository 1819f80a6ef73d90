package pathmanager

import (
	"fmt"
	"net/netip"

	"github.com/mdlayher/netlink"
)

// Commands on endpoints (enum in uapi/linux/mptcp_pm.h).
const (
	cmdAddAddr    = 1
	cmdGetAddr    = 3
	cmdFlushAddrs = 4
)

// Endpoint is a local address that the in-kernel path manager may use for
// subflows or announce to the peer.
type Endpoint struct {
	Addr    netip.Addr `json:"address"`
	ID      uint8      `json:"id"`             // 1 to 255; 0 lets the kernel choose when adding
	Flags   Flags      `json:"-"`              // what it is for
	IfIndex int        `json:"-"`              // the interface to send from, 0 for any
	Port    uint16     `json:"port,omitempty"` // to announce, with Signal only; 0 for none
}

// Endpoints lists the namespace's endpoints in ascending order of their ids.
func (c *Conn) Endpoints() ([]Endpoint, error) {
	replies, err := c.execute(cmdGetAddr, netlink.Dump, nil)
	if err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	endpoints := make([]Endpoint, 0, len(replies))
	for _, reply := range replies {
		endpoint, err := decodeEndpoint(reply.Data)
		if err != nil {
			return nil, fmt.Errorf("list endpoints: %w", err)
		}
		endpoints = append(endpoints, endpoint)
	}
	return endpoints, nil
}

// AddEndpoint adds an endpoint. The kernel refuses an address or an id that is
// taken, and more endpoints than it has room for (8, 64 from Linux 7.2).
func (c *Conn) AddEndpoint(endpoint Endpoint) error {
	_, err := c.execute(cmdAddAddr, netlink.Acknowledge, func(attributes *netlink.AttributeEncoder) {
		attributes.Nested(attrAddr, endpoint.encode)
	})
	if err != nil {
		return fmt.Errorf("add endpoint %s: %w", endpoint.Addr, err)
	}
	return nil
}

// FlushEndpoints removes all endpoints. Limits stay as they are.
func (c *Conn) FlushEndpoints() error {
	if _, err := c.execute(cmdFlushAddrs, netlink.Acknowledge, nil); err != nil {
		return fmt.Errorf("flush endpoints: %w", err)
	}
	return nil
}
