package anonymize

import "encoding/binary"

// extension adds an extension header (RFC 8200, section 4) and returns its size, 0
// when it was not understood.
func (r *rewriter) extension(protocol uint8, b []byte) (size int) {
	if len(b) < 8 {
		return 0
	}
	size = int(b[1])*8 + 8
	switch protocol {
	case protocolFragment:
		size = 8
	case protocolAH:
		size = int(b[1])*4 + 8 // RFC 4302, section 2.2
	}
	if len(b) < size {
		return 0
	}
	b = b[:size]
	switch protocol {
	case protocolFragment:
		id := binary.BigEndian.Uint32(b[4:])
		r.out = append(r.out, b[0], 0, 0, b[3]&1)
		r.out = binary.BigEndian.AppendUint32(r.out, uint32(r.secret.number(forFragment, r.from.salt, uint64(id))))
	case protocolAH: // What authenticates the packet was of another one.
		r.out = append(r.out, b[0], b[1], 0, 0)
		spi := binary.BigEndian.Uint32(b[4:])
		r.out = binary.BigEndian.AppendUint32(r.out, uint32(r.secret.number(forSecurity, r.from.salt, uint64(spi))))
		r.out = append(r.out, make([]byte, size-8)...)
	case protocolRouting:
		return r.routing(b)
	default:
		r.padded(b, protocol == protocolHopByHop)
	}
	return size
}

// padded adds a header of options, in place of which there is padding, but for the
// length of a jumbogram.
func (r *rewriter) padded(b []byte, jumbo bool) {
	r.out = append(r.out, b[:2]...)
	if jumbo {
		if length := jumboLength(b, -1); length >= 0 {
			r.out = append(r.out, 0xc2, 4)
			r.out = binary.BigEndian.AppendUint32(r.out, uint32(length))
			b = b[6:]
		}
	}
	for left := len(b) - 2; left > 0; {
		n := min(left, 257)
		if n == 1 {
			r.out = append(r.out, 0)
		} else {
			r.out = append(append(r.out, 1, byte(n-2)), make([]byte, n-2)...)
		}
		left -= n
	}
}

// routing adds a routing header whose addresses are known to be such: of types 0 and
// 2 (RFC 6275), and of segment routing (RFC 8754) without further options.
func (r *rewriter) routing(b []byte) (size int) {
	kind, left, count := b[2], b[3], (len(b)-8)/16
	if (len(b)-8)%16 != 0 {
		return 0
	}
	r.out = append(r.out, b[:2]...)
	switch kind {
	case 0, 2:
		r.out = append(r.out, kind, left, 0, 0, 0, 0)
	case 4:
		if int(b[4])+1 != count {
			return 0
		}
		r.out = append(r.out, kind, left, b[4], 0, 0, 0)
	default:
		return 0
	}
	for i := range count {
		r.out = r.addresses.append6(r.out, b[8+16*i:])
	}
	return len(b)
}

// jumboLength returns the length in the jumbo payload option (RFC 2675) of a
// hop-by-hop header, or other if there is none; see package trace.
func jumboLength(header []byte, other int) int {
	if len(header) < 8 {
		return other
	}
	size := min(len(header), int(header[1])*8+8)
	for b := header[2:size]; len(b) >= 2; {
		if b[0] == 0 {
			b = b[1:]
			continue
		}
		n := 2 + int(b[1])
		if n > len(b) {
			break
		}
		if b[0] == 0xc2 && n == 6 {
			if length := binary.BigEndian.Uint32(b[2:]); length >= 1<<16 && length <= 1<<31-1-ip6Header {
				return int(length)
			}
		}
		b = b[n:]
	}
	return other
}
