package trace

import "encoding/binary"

// decodeTunnel reads the packet in an IP packet: one, and no tunnel in that.
func (s *Segment) decodeTunnel(p *ipPayload) error {
	switch p.protocol {
	case protocolIPv4, protocolIPv6, protocolGRE:
	default:
		return ErrNotTCP
	}
	if s.Tunnel != 0 {
		return ErrTooDeep
	}
	s.Tunnel = p.protocol
	switch p.protocol {
	case protocolIPv4:
		return s.decodeIPv4(p.b, p.length)
	case protocolIPv6:
		return s.decodeIPv6(p.b, p.length)
	}
	return s.decodeGRE(p.b, p.length)
}

// What a GRE header says in its first two bytes (RFC 2784, RFC 2890). Version 1
// is PPTP's, routing was given up.
const (
	greChecksum   = 0x8000
	greRouting    = 0x4000
	greKey        = 0x2000
	greSequence   = 0x1000
	greVersion    = 0x0007
	greHeader     = 4
	etherBridging = 0x6558 // an Ethernet frame
)

func (s *Segment) decodeGRE(b []byte, wire int) error {
	if len(b) < greHeader {
		return ErrCut
	}
	flags, etherType := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	if flags&(greRouting|greVersion) != 0 {
		return ErrNotTCP
	}
	size := greHeader
	for _, field := range [...]uint16{greChecksum, greKey, greSequence} {
		if flags&field != 0 {
			size += 4
		}
	}
	if len(b) < size {
		return ErrCut
	}
	if etherType == etherBridging {
		return s.decodeEthernet(b[size:], wire-size)
	}
	return s.decodeEtherType(etherType, b[size:], wire-size)
}
