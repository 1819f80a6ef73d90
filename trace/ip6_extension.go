package trace

import "encoding/binary"

// maxExtensions are the extension headers that are followed. RFC 8200 section
// 4.1 has each of them once, destination options twice.
const maxExtensions = 8

// skipAll goes past the extension headers.
func (p *ipPayload) skipAll(s *Segment) error {
	for range maxExtensions {
		switch p.protocol {
		case protocolHopByHop, protocolRouting, protocolDestOpts, protocolFragment, protocolAH:
		default:
			return nil
		}
		if err := p.skip(s); err != nil {
			return err
		}
	}
	if p.protocol == protocolTCP {
		return nil
	}
	return ErrTooDeep
}

// skip goes past one extension header (RFC 8200, section 4).
func (p *ipPayload) skip(s *Segment) error {
	if len(p.b) < 8 {
		return p.absent(s, 8)
	}
	size := int(p.b[1])*8 + 8
	switch p.protocol {
	case protocolAH:
		size = int(p.b[1])*4 + 8 // RFC 4302, section 2.2
	case protocolFragment:
		size = 8
		field := binary.BigEndian.Uint16(p.b[2:])
		if field&0xfff8 != 0 {
			return laterFragment(p.b[0])
		}
		s.Fragment = s.Fragment || field&1 != 0
	}
	if len(p.b) < size {
		return p.absent(s, size)
	}
	if p.protocol == protocolRouting {
		p.route(p.b[:size])
	}
	p.protocol, p.b, p.length = p.b[0], p.b[size:], p.length-size
	return nil
}

// absent says why there are not size bytes.
func (p *ipPayload) absent(s *Segment, size int) error {
	switch {
	case p.length >= size:
		return ErrCut
	case s.Fragment:
		return ErrFragment
	}
	return ErrNotTCP
}

// route takes the last destination out of a routing header on whose way there
// are stops left: types 0 and 2 (RFC 6275) have it at the end, segment routing
// (RFC 8754) at the start.
func (p *ipPayload) route(header []byte) {
	kind, left := header[2], header[3]
	if left == 0 || len(header) < 24 {
		return
	}
	switch kind {
	case 0, 2:
		p.final = header[len(header)-16:]
	case 4:
		p.final = header[8:24]
	}
}

// jumboLength returns the length in the jumbo payload option (RFC 2675) of a
// hop-by-hop header, or other if there is none. It counts like the length of
// the IPv6 header.
func jumboLength(header []byte, other int) int {
	if len(header) < 8 {
		return other
	}
	size := min(len(header), int(header[1])*8+8)
	for b := header[2:size]; len(b) >= 2; {
		if b[0] == 0 { // one byte of padding
			b = b[1:]
			continue
		}
		n := 2 + int(b[1])
		if n > len(b) {
			break
		}
		if length := jumboOption(b[:n]); length > 0 {
			return length
		}
		b = b[n:]
	}
	return other
}

// jumboOption returns what a jumbo payload option says, 0 for another option
// and for what a host would discard: too short, or longer than anything real.
func jumboOption(b []byte) int {
	const shortest, longest = 1 << 16, 1<<31 - 1 - ip6Header
	if b[0] != 0xc2 || len(b) != 6 {
		return 0
	}
	length := binary.BigEndian.Uint32(b[2:])
	if length < shortest || length > longest {
		return 0
	}
	return int(length)
}
