package trace

import (
	"encoding/binary"
	"math/bits"
)

// decodeSLL reads a Linux cooked header (LINKTYPE_LINUX_SLL): the protocol is
// its last field.
func (s *Segment) decodeSLL(b []byte, wire int) error {
	if len(b) < 16 {
		return ErrCut
	}
	return s.decodeEtherType(binary.BigEndian.Uint16(b[14:]), b[16:], wire-16)
}

// decodeSLL2 reads a Linux cooked header v2 (LINKTYPE_LINUX_SLL2): the protocol
// is its first field, the interface's index the third.
func (s *Segment) decodeSLL2(b []byte, wire int) error {
	if len(b) < 20 {
		return ErrCut
	}
	s.Device = binary.BigEndian.Uint32(b[4:])
	return s.decodeEtherType(binary.BigEndian.Uint16(b), b[20:], wire-20)
}

// decodeFamily reads an address family of four bytes. Families are small, so
// that the number itself tells its byte order; that of IPv6 is another one on
// each system: Linux, Windows, OpenBSD and NetBSD, FreeBSD, macOS.
func (s *Segment) decodeFamily(b []byte, wire int) error {
	if len(b) < 4 {
		return ErrCut
	}
	family := binary.BigEndian.Uint32(b)
	if family > 0xffff {
		family = bits.ReverseBytes32(family)
	}
	switch family {
	case 2:
		return s.decodeIPv4(b[4:], wire-4)
	case 10, 23, 24, 28, 30:
		return s.decodeIPv6(b[4:], wire-4)
	}
	return ErrNotTCP
}
