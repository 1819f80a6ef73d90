package pathmanager

import (
	"fmt"
	"math"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// attrAddr is the attribute of a command that nests an address; the others are
// the attributes inside it (MPTCP_PM_ADDR_ATTR_*). All numbers are in host byte
// order, the port too; addresses are in network byte order.
const (
	attrAddr = 1

	addrFamily  = 1
	addrID      = 2
	addrAddr4   = 3
	addrAddr6   = 4
	addrPort    = 5
	addrFlags   = 6
	addrIfIndex = 7
)

func (e Endpoint) encode(attributes *netlink.AttributeEncoder) error {
	if err := e.check(); err != nil {
		return err
	}
	if e.Addr.Is4() {
		attributes.Uint16(addrFamily, unix.AF_INET)
		attributes.Bytes(addrAddr4, e.Addr.AsSlice())
	} else {
		attributes.Uint16(addrFamily, unix.AF_INET6)
		attributes.Bytes(addrAddr6, e.Addr.AsSlice())
	}
	if e.ID != 0 {
		attributes.Uint8(addrID, e.ID)
	}
	if e.Port != 0 {
		attributes.Uint16(addrPort, e.Port)
	}
	if e.Flags != 0 {
		attributes.Uint32(addrFlags, uint32(e.Flags))
	}
	if e.IfIndex != 0 {
		attributes.Int32(addrIfIndex, int32(e.IfIndex))
	}
	return nil
}

// check refuses what the attributes could not hold.
func (e Endpoint) check() error {
	switch {
	case !e.Addr.IsValid():
		return fmt.Errorf("no address")
	case e.Addr.Zone() != "":
		return fmt.Errorf("address with a zone: set IfIndex instead")
	case e.IfIndex < 0 || e.IfIndex > math.MaxInt32:
		return fmt.Errorf("interface index %d is not between 0 and %d", e.IfIndex, math.MaxInt32)
	}
	return nil
}

// decodeEndpoint reads a reply to GET_ADDR.
func decodeEndpoint(data []byte) (Endpoint, error) {
	var endpoint Endpoint
	attributes, err := netlink.NewAttributeDecoder(data)
	if err != nil {
		return endpoint, err
	}
	for attributes.Next() {
		if attributes.Type() == attrAddr {
			attributes.Nested(endpoint.decode)
		}
	}
	if err := attributes.Err(); err != nil {
		return endpoint, err
	}
	if !endpoint.Addr.IsValid() {
		return endpoint, fmt.Errorf("the kernel's answer holds no address")
	}
	return endpoint, nil
}

func (e *Endpoint) decode(attributes *netlink.AttributeDecoder) error {
	for attributes.Next() {
		switch attributes.Type() {
		case addrID:
			e.ID = attributes.Uint8()
		case addrAddr4, addrAddr6:
			addr, ok := netip.AddrFromSlice(attributes.Bytes())
			if !ok {
				return fmt.Errorf("address of %d bytes", len(attributes.Bytes()))
			}
			e.Addr = addr
		case addrPort:
			e.Port = attributes.Uint16()
		case addrFlags:
			e.Flags = Flags(attributes.Uint32())
		case addrIfIndex:
			e.IfIndex = int(attributes.Int32())
		}
	}
	return attributes.Err()
}
