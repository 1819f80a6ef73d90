package middlebox

import "encoding/binary"

// EtherTypes (IEEE 802).
const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100
	etherQinQ = 0x88a8
)

const (
	etherHeader = 14
	vlanTag     = 4
	maxTags     = 2
)

// untag returns what is behind the Ethernet header and its VLAN tags. For
// what is too short that is nothing.
func untag(frame []byte) (etherType uint16, packet []byte) {
	end := etherHeader
	for range maxTags + 1 {
		if len(frame) < end {
			return 0, nil
		}
		etherType = binary.BigEndian.Uint16(frame[end-2:])
		if etherType != etherVLAN && etherType != etherQinQ {
			break
		}
		end += vlanTag
	}
	return etherType, frame[min(end, len(frame)):]
}

// IP protocol numbers (IANA).
const (
	protocolHopByHop    = 0
	protocolTCP         = 6
	protocolRouting     = 43
	protocolDestination = 60
)

const (
	ipv4Minimum = 20 // bytes without options
	ipv6Header  = 40
	// moreOrOffset is all of a fragment's word but the bit for not to fragment.
	moreOrOffset = 0x3fff
)

// parseIPv4 sets what an IPv4 packet (RFC 791, section 3.1) holds, if it is TCP,
// whole and no fragment.
func (s *segment) parseIPv4(packet []byte) {
	if len(packet) < ipv4Minimum || packet[0]>>4 != 4 || packet[9] != protocolTCP {
		return
	}
	header, total := int(packet[0]&15)*4, int(binary.BigEndian.Uint16(packet[2:]))
	if header < ipv4Minimum || header > total || total > len(packet) {
		return
	}
	if binary.BigEndian.Uint16(packet[6:])&moreOrOffset != 0 {
		return
	}
	s.source, s.destination = packet[12:16], packet[16:20]
	s.tcp = packet[header:total]
}

// parseIPv6 does the same for IPv6 (RFC 8200, sections 3 and 4).
func (s *segment) parseIPv6(packet []byte) {
	if len(packet) < ipv6Header || packet[0]>>4 != 6 {
		return
	}
	next, rest := packet[6], packet[ipv6Header:]
	length := int(binary.BigEndian.Uint16(packet[4:]))
	if length > len(rest) {
		return
	}
	rest = rest[:length]
	for next != protocolTCP {
		if next != protocolHopByHop && next != protocolRouting && next != protocolDestination || len(rest) < 8 {
			return
		}
		size := 8 + 8*int(rest[1])
		if size > len(rest) {
			return
		}
		next, rest = rest[0], rest[size:]
	}
	s.source, s.destination = packet[8:24], packet[24:40]
	s.tcp = rest
}
