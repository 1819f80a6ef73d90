package anonymize

import (
	"encoding/binary"
)

// IP protocol numbers (IANA).
const (
	protocolHopByHop = 0
	protocolIPv4     = 4
	protocolTCP      = 6
	protocolIPv6     = 41
	protocolRouting  = 43
	protocolFragment = 44
	protocolGRE      = 47
	protocolAH       = 51
	protocolDestOpts = 60
)

const (
	ip4Header = 20
	ip6Header = 40
)

// ip adds an IP packet of either version.
func (r *rewriter) ip(b []byte, wire int) bool {
	switch {
	case len(b) >= ip4Header && b[0]>>4 == 4:
		return r.ip4(b, wire)
	case len(b) >= ip6Header && b[0]>>4 == 6:
		return r.ip6(b, wire)
	}
	return false
}

// ipLength is how long an IP packet is: other, if it does not say so.
func ipLength(b []byte, other int) int {
	switch {
	case b[0]>>4 == 4 && b[2]|b[3] != 0:
		return int(binary.BigEndian.Uint16(b[2:]))
	case b[0]>>4 == 6 && b[4]|b[5] != 0:
		return ip6Header + int(binary.BigEndian.Uint16(b[4:]))
	}
	return other
}

// ip4 adds an IPv4 packet. Options become no operation; type of service, length, "do
// not fragment" and time to live stay.
func (r *rewriter) ip4(b []byte, wire int) bool {
	header, length := int(b[0]&0x0f)*4, ipLength(b, wire)
	if header < ip4Header || len(b) < header || length < header {
		return false
	}
	start := len(r.out)
	r.out = append(r.out, b[:4]...)
	r.out = binary.BigEndian.AppendUint16(r.out, r.packetID(b))
	r.out = append(r.out, b[6]&0x60, 0, b[8], b[9], 0, 0)
	r.out = r.addresses.append4(r.out, b[12:])
	r.out = r.addresses.append4(r.out, b[16:])
	for range header - ip4Header {
		r.out = append(r.out, optionNOP)
	}
	binary.BigEndian.PutUint16(r.out[start+10:], finish(add(0, r.out[start:])))
	return r.inIP(b[9], b[header:min(len(b), length)], length-header)
}

// packetID replaces an identification so that copies of a packet, and its fragments,
// still have the same.
func (r *rewriter) packetID(b []byte) uint16 {
	id := binary.BigEndian.Uint16(b[4:])
	if id == 0 {
		return 0
	}
	return uint16(r.secret.number(forPacketID, binary.BigEndian.Uint64(b[12:]), uint64(id)))
}

// ip6 adds an IPv6 packet. Traffic class, length and hop limit stay.
func (r *rewriter) ip6(b []byte, wire int) bool {
	label := binary.BigEndian.Uint32(b) & 0xfffff
	if label != 0 {
		label = uint32(r.secret.number(forFlowLabel, r.from.salt, uint64(label)) & 0xfffff)
	}
	r.out = binary.BigEndian.AppendUint32(r.out, binary.BigEndian.Uint32(b)&^0xfffff|label)
	r.out = append(r.out, b[4:8]...)
	r.out = r.addresses.append6(r.out, b[8:])
	r.out = r.addresses.append6(r.out, b[24:])
	length := ipLength(b, wire)
	if b[4]|b[5] == 0 && b[6] == protocolHopByHop {
		length = ip6Header + jumboLength(b[ip6Header:], length-ip6Header)
	}
	if length < ip6Header {
		return false
	}
	return r.inIP(b[6], b[ip6Header:min(len(b), length)], length-ip6Header)
}

// inIP adds what an IP header announces: extension headers, a tunnel, TCP.
func (r *rewriter) inIP(protocol uint8, b []byte, length int) bool {
	for {
		var size int
		switch protocol {
		case protocolTCP:
			return r.tcp(b, length)
		case protocolIPv4, protocolIPv6:
			return r.ip(b, length)
		case protocolGRE:
			return r.gre(b, length)
		case protocolHopByHop, protocolDestOpts, protocolRouting, protocolFragment, protocolAH:
			size = r.extension(protocol, b)
		}
		if size == 0 {
			return false
		}
		protocol, b, length = b[0], b[size:], length-size
	}
}
