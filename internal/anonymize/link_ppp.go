package anonymize

import "encoding/binary"

// ppp adds a PPP frame, with HDLC framing or without, or one of Cisco's HDLC.
func (r *rewriter) ppp(b []byte, wire int) bool {
	if len(b) < 4 {
		return false
	}
	switch binary.BigEndian.Uint16(b) {
	case 0xff03:
		r.out = append(r.out, b[:2]...)
		return r.pppProtocol(b[2:], wire-2)
	case 0x0f00, 0x8f00:
		r.out = append(r.out, b[:4]...)
		return r.network(binary.BigEndian.Uint16(b[2:]), b[4:], wire-4)
	}
	return r.pppProtocol(b, wire)
}

// pppProtocol adds the protocol number, of two bytes or compressed to one, which
// then is odd (RFC 1661, section 6.5).
func (r *rewriter) pppProtocol(b []byte, wire int) bool {
	const four, six = 0x21, 0x57
	size := 1
	if len(b) > 0 && b[0] == 0 {
		size = 2
	}
	if len(b) <= size || b[size-1] != four && b[size-1] != six {
		return false
	}
	r.out = append(r.out, b[:size]...)
	return r.ip(b[size:], wire-size)
}

// pppoe adds the header of a PPPoE session and what is in it. The session is
// replaced; the length is made to fit.
func (r *rewriter) pppoe(b []byte, wire int) bool {
	if len(b) < 8 {
		return false
	}
	session := binary.BigEndian.Uint16(b[2:])
	start := len(r.out)
	r.out = append(r.out, 0x11, 0)
	r.out = binary.BigEndian.AppendUint16(r.out, uint16(r.secret.number(forSession, uint64(session), 0)))
	r.out = append(r.out, 0, 0)
	if !r.pppProtocol(b[6:], wire-6) {
		return false
	}
	protocol := 1
	if b[6] == 0 {
		protocol = 2
	}
	length := protocol + ipLength(r.out[start+6+protocol:], wire-6-protocol)
	binary.BigEndian.PutUint16(r.out[start+4:], uint16(min(length, 0xffff)))
	return true
}
