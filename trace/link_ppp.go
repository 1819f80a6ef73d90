package trace

import "encoding/binary"

// PPP protocol numbers (RFC 1332, RFC 5072).
const (
	pppIPv4 = 0x0021
	pppIPv6 = 0x0057
)

// decodePPP reads a PPP frame, with address and control bytes (RFC 1662) or
// without, or one of Cisco's HDLC, which has an EtherType behind its own.
func (s *Segment) decodePPP(b []byte, wire int) error {
	if len(b) < 2 {
		return ErrCut
	}
	switch binary.BigEndian.Uint16(b) {
	case 0xff03:
		b, wire = b[2:], wire-2
	case 0x0f00, 0x8f00:
		if len(b) < 4 {
			return ErrCut
		}
		return s.decodeEtherType(binary.BigEndian.Uint16(b[2:]), b[4:], wire-4)
	}
	return s.decodePPPProtocol(b, wire)
}

// decodePPPProtocol reads the protocol number, of two bytes or compressed to
// one, which then is odd (RFC 1661, section 6.5).
func (s *Segment) decodePPPProtocol(b []byte, wire int) error {
	if len(b) < 1 {
		return ErrCut
	}
	protocol, size := uint16(b[0]), 1
	if protocol&1 == 0 {
		if len(b) < 2 {
			return ErrCut
		}
		protocol, size = binary.BigEndian.Uint16(b), 2
	}
	switch protocol {
	case pppIPv4:
		return s.decodeIPv4(b[size:], wire-size)
	case pppIPv6:
		return s.decodeIPv6(b[size:], wire-size)
	}
	return ErrNotTCP
}

// decodePPPoE reads the header of a PPPoE session (RFC 2516, section 4). Its
// length is left aside: the IP header has one.
func (s *Segment) decodePPPoE(b []byte, wire int) error {
	if len(b) < 6 {
		return ErrCut
	}
	if b[0] != 0x11 || b[1] != 0 { // version, type; code of a session's data
		return ErrNotTCP
	}
	return s.decodePPPProtocol(b[6:], wire-6)
}
