package trace

import (
	"encoding/binary"
	"net/netip"
)

const ip6Header = 40 // bytes without extension headers

// decodeIPv6 reads an IPv6 packet; s.Fragment is as for decodeIPv4.
func (s *Segment) decodeIPv6(b []byte, wire int) error {
	if len(b) < ip6Header {
		return ErrCut
	}
	length := int(binary.BigEndian.Uint16(b[4:]))
	if b[0]>>4 != 6 {
		return ErrNotTCP
	}
	whole := !s.Fragment
	s.Fragment = false
	if length == 0 { // a super-packet, for the network card to split, or a jumbogram
		length, s.Fragment = wire-ip6Header, !whole
		if b[6] == protocolHopByHop {
			length = jumboLength(b[ip6Header:], length)
		}
	}
	if whole && s.Tunnel != 0 && length > wire-ip6Header {
		return ErrNotTCP
	}
	data := b[ip6Header:min(len(b), ip6Header+length)]
	if b[6] != protocolTCP {
		return s.decodeIPv6Other(b, ipPayload{protocol: b[6], b: data, length: length})
	}
	if err := s.decodeTCP(data, length); err != nil {
		return err
	}
	s.setIPv6(b, nil)
	return nil
}

// decodeIPv6Other reads an IPv6 packet with extension headers or without TCP.
func (s *Segment) decodeIPv6Other(header []byte, p ipPayload) error {
	if err := p.skipAll(s); err != nil {
		return err
	}
	if p.protocol != protocolTCP {
		return s.decodeTunnel(&p)
	}
	if err := s.decodeTCP(p.b, p.length); err != nil {
		return err
	}
	s.setIPv6(header, p.final)
	return nil
}

// setIPv6 takes the addresses of an IPv6 header, save for another final
// destination, and the ports from the tuple.
func (s *Segment) setIPv6(b, final []byte) {
	src, dst := b[8:24], b[24:40]
	if final != nil {
		dst = final
	}
	s.tuple.set6(src, dst)
	s.Src = netip.AddrPortFrom(netip.AddrFrom16([16]byte(src)), uint16(s.tuple.ports>>16))
	s.Dst = netip.AddrPortFrom(netip.AddrFrom16([16]byte(dst)), uint16(s.tuple.ports))
}
