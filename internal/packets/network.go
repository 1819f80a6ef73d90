package packets

import (
	"encoding/binary"
	"math/bits"

	"allroads/trace"
)

// EtherTypes (IEEE 802). Below 0x0600 the field is a length.
const (
	etherNone = 0 // not known
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherVLAN = 0x8100
	etherIPv6 = 0x86dd
	etherQinQ = 0x88a8
)

func appendEtherType(b []byte, etherType uint16) []byte {
	switch {
	case etherType == 0x8863 || etherType == 0x8864:
		return append(b, "PPPoE"...)
	case etherType == 0x88cc:
		return append(b, "LLDP"...)
	case etherType == 0x8809:
		return append(b, "LACP"...)
	case etherType == 0x8847 || etherType == 0x8848:
		return append(b, "MPLS"...)
	case etherType < 0x0600:
		return append(b, "IEEE 802.3 without an EtherType"...)
	}
	return appendHex16(append(b, "EtherType "...), etherType)
}

func appendHex16(b []byte, v uint16) []byte {
	return appendBytes(b, "", []byte{byte(v >> 8), byte(v)})
}

// network takes off the link's header; etherNone is one that is not known, or cut.
func network(link trace.LinkType, b []byte) (etherType uint16, rest []byte) {
	switch link {
	case trace.Ethernet:
		return behind(b, 12)
	case trace.SLL:
		return behind(b, 14)
	case trace.SLL2:
		if len(b) < 20 {
			return etherNone, nil
		}
		return binary.BigEndian.Uint16(b), b[20:]
	case trace.Raw:
		return version(b)
	case trace.Null, trace.Loop:
		if len(b) >= 4 && isIP(binary.BigEndian.Uint32(b)) {
			return version(b[4:])
		}
	}
	return etherNone, nil
}

// behind reads an EtherType, and those behind VLAN tags.
func behind(b []byte, at int) (etherType uint16, rest []byte) {
	for range 3 {
		if len(b) < at+2 {
			return etherNone, nil
		}
		etherType, b = binary.BigEndian.Uint16(b[at:]), b[at+2:]
		if etherType != etherVLAN && etherType != etherQinQ {
			break
		}
		at = 2
	}
	return etherType, b
}

// version reads the version of an IP packet.
func version(b []byte) (etherType uint16, rest []byte) {
	switch {
	case len(b) == 0:
		return etherNone, nil
	case b[0]>>4 == 4:
		return etherIPv4, b
	case b[0]>>4 == 6:
		return etherIPv6, b
	}
	return etherNone, nil
}

// isIP reports whether an address family, of either byte order, is IPv4 or one of
// the numbers that IPv6 has on different systems.
func isIP(family uint32) bool {
	if family > 0xffff {
		family = bits.ReverseBytes32(family)
	}
	switch family {
	case 2, 10, 23, 24, 28, 30:
		return true
	}
	return false
}
