package trace

import "encoding/binary"

// EtherTypes (IEEE 802). 0x9100 is what devices older than 802.1ad use for the
// outer of two tags.
const (
	etherIPv4    = 0x0800
	etherVLAN    = 0x8100
	etherIPv6    = 0x86dd
	etherPPPoE   = 0x8864
	etherQinQ    = 0x88a8
	etherOldQinQ = 0x9100
)

// maxTags are the VLAN tags that are followed: two are in use.
const maxTags = 8

func (s *Segment) decodeEthernet(b []byte, wire int) error {
	if len(b) < 14 {
		return ErrCut
	}
	return s.decodeEtherType(binary.BigEndian.Uint16(b[12:]), b[14:], wire-14)
}

// decodeEtherType reads what an EtherType announces.
func (s *Segment) decodeEtherType(etherType uint16, b []byte, wire int) error {
	for range maxTags + 1 {
		switch etherType {
		case etherIPv4:
			return s.decodeIPv4(b, wire)
		case etherIPv6:
			return s.decodeIPv6(b, wire)
		case etherPPPoE:
			return s.decodePPPoE(b, wire)
		case etherVLAN, etherQinQ, etherOldQinQ:
		default:
			return ErrNotTCP
		}
		if len(b) < 4 {
			return ErrCut
		}
		s.VLAN = binary.BigEndian.Uint16(b) & 0x0fff
		etherType, b, wire = binary.BigEndian.Uint16(b[2:]), b[4:], wire-4
	}
	return ErrTooDeep
}
