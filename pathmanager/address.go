package pathmanager

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Attributes of an address inside of attrAddr and attrAddrRemote
// (MPTCP_PM_ADDR_ATTR_*). All numbers are in host byte order, the port too;
// addresses are in network byte order.
const (
	addrFamily  = 1
	addrID      = 2
	addrAddr4   = 3
	addrAddr6   = 4
	addrPort    = 5
	addrFlags   = 6
	addrIfIndex = 7
)

// addrSizes are those of the values, in bytes.
var addrSizes = [...]int{addrFamily: 2, addrID: 1, addrAddr4: 4, addrAddr6: 16, addrPort: 2, addrFlags: 4, addrIfIndex: 4}

// encode writes all that is set; the kernel gives the rest the value 0.
func (e Endpoint) encode() attributes {
	a := make(attributes, 0, 64)
	if e.Addr.Is4() {
		bytes := e.Addr.As4()
		a.uint16(addrFamily, unix.AF_INET)
		a.bytes(addrAddr4, bytes[:])
	} else if e.Addr.IsValid() {
		bytes := e.Addr.As16()
		a.uint16(addrFamily, unix.AF_INET6)
		a.bytes(addrAddr6, bytes[:])
	}
	if e.ID != 0 {
		a.uint8(addrID, e.ID)
	}
	if e.Port != 0 {
		a.uint16(addrPort, e.Port)
	}
	if e.Flags != 0 {
		a.uint32(addrFlags, uint32(e.Flags))
	}
	if e.IfIndex != 0 {
		a.uint32(addrIfIndex, uint32(e.IfIndex))
	}
	return a
}

// encodeWithID writes the id even where it is 0, which the kernel wants to be
// told in some commands.
func (e Endpoint) encodeWithID() attributes {
	a := e.encode()
	if e.ID == 0 {
		a.uint8(addrID, 0)
	}
	return a
}

// Check refuses what cannot be told to the kernel: no address, one with a zone, or an
// interface index that is none.
func (e Endpoint) Check() error {
	switch {
	case !e.Addr.IsValid():
		return errors.New("no address")
	case e.Addr.Zone() != "":
		return errors.New("address with a zone: set IfIndex instead")
	case e.IfIndex < 0 || e.IfIndex > math.MaxInt32:
		return fmt.Errorf("interface index %d is not between 0 and %d", e.IfIndex, math.MaxInt32)
	}
	return nil
}

// decodeEndpoint reads a reply to GET_ADDR.
func decodeEndpoint(reply attributes) (e Endpoint, err error) {
	for len(reply) > 0 {
		number, value, err := reply.next()
		if err == nil && number == attrAddr {
			err = e.decode(value)
		}
		if err != nil {
			return Endpoint{}, fmt.Errorf("read the kernel's answer: %w", err)
		}
	}
	if !e.Addr.IsValid() {
		return Endpoint{}, errors.New("the kernel's answer holds no address")
	}
	return e, nil
}

func (e *Endpoint) decode(nest attributes) error {
	native := binary.NativeEndian
	for len(nest) > 0 {
		number, value, err := nest.next()
		if err == nil && int(number) < len(addrSizes) && number != 0 {
			err = sized(number, value, addrSizes[number])
		}
		if err != nil {
			return err
		}
		switch number {
		case addrID:
			e.ID = value[0]
		case addrAddr4, addrAddr6:
			e.Addr, _ = netip.AddrFromSlice(value)
		case addrPort:
			e.Port = native.Uint16(value)
		case addrFlags:
			e.Flags = Flags(native.Uint32(value))
		case addrIfIndex:
			e.IfIndex = int(int32(native.Uint32(value)))
		}
	}
	return nil
}
