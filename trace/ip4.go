package trace

import (
	"encoding/binary"
	"net/netip"
)

const (
	ip4MoreFragments  = 0x2000
	ip4FragmentOffset = 0x1fff
)

// decodeIPv4 reads an IPv4 packet. s.Fragment says that the packet around it
// goes on in other fragments, so that this one may be longer.
func (s *Segment) decodeIPv4(b []byte, wire int) error {
	if len(b) < 20 {
		return ErrCut
	}
	header, total := int(b[0]&0x0f)*4, int(binary.BigEndian.Uint16(b[2:]))
	if b[0]>>4 != 4 || header < 20 {
		return ErrNotTCP
	}
	fragment, whole := binary.BigEndian.Uint16(b[6:]), !s.Fragment
	if fragment&ip4FragmentOffset != 0 {
		return laterFragment(b[9])
	}
	s.Fragment = fragment&ip4MoreFragments != 0
	if total == 0 { // a super-packet, for the network card to split
		total, s.Fragment = wire, s.Fragment || !whole
	}
	if total < header || whole && s.Tunnel != 0 && total > wire {
		return ErrNotTCP
	}
	if len(b) < header {
		return ErrCut
	}
	data := b[header:min(len(b), total)]
	if b[9] != protocolTCP {
		return s.decodeIPv4Other(b, ipPayload{protocol: b[9], b: data, length: total - header})
	}
	if err := s.decodeTCP(data, total-header); err != nil {
		return err
	}
	s.setIPv4(b)
	return nil
}

// decodeIPv4Other reads what is in an IPv4 packet and not TCP, or not at once.
func (s *Segment) decodeIPv4Other(header []byte, p ipPayload) error {
	if p.protocol == protocolAH {
		if err := p.skip(s); err != nil {
			return err
		}
	}
	if p.protocol != protocolTCP {
		return s.decodeTunnel(&p)
	}
	if err := s.decodeTCP(p.b, p.length); err != nil {
		return err
	}
	s.setIPv4(header)
	return nil
}

// setIPv4 takes the addresses of an IPv4 header, and the ports from the tuple.
func (s *Segment) setIPv4(b []byte) {
	s.tuple.set4(b[12:20])
	s.Src = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[12:16])), uint16(s.tuple.ports>>16))
	s.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[16:20])), uint16(s.tuple.ports))
}
