package anonymize

import (
	"encoding/binary"

	"allroads/trace"
)

// EtherTypes (IEEE 802), as package trace follows them.
const (
	etherIPv4    = 0x0800
	etherVLAN    = 0x8100
	etherIPv6    = 0x86dd
	etherPPPoE   = 0x8864
	etherQinQ    = 0x88a8
	etherOldQinQ = 0x9100
)

// link adds the link's header and what is in it. wire is how many bytes there were
// on the wire from the start of b on. It reports, like all that it calls, whether
// everything was understood.
func (r *rewriter) link(link trace.LinkType, b []byte, wire int) bool {
	switch link {
	case trace.Ethernet:
		return r.ethernet(b, wire)
	case trace.Raw:
		return r.ip(b, wire)
	case trace.SLL:
		return r.sll(b, wire)
	case trace.SLL2:
		return r.sll2(b, wire)
	case trace.Null, trace.Loop:
		if len(b) < 4 {
			return false
		}
		r.out = append(r.out, b[:4]...) // The address family, which was understood.
		return r.ip(b[4:], wire-4)
	case trace.PPP:
		return r.ppp(b, wire)
	case trace.PPPoE:
		return r.pppoe(b, wire)
	}
	return false
}

func (r *rewriter) ethernet(b []byte, wire int) bool {
	if len(b) < 14 {
		return false
	}
	r.out = r.numbers.appendMAC(r.numbers.appendMAC(r.out, b), b[6:])
	r.out = append(r.out, b[12:14]...)
	return r.network(binary.BigEndian.Uint16(b[12:]), b[14:], wire-14)
}

// network adds what an EtherType announces, VLAN tags included.
func (r *rewriter) network(etherType uint16, b []byte, wire int) bool {
	for {
		switch etherType {
		case etherIPv4, etherIPv6:
			return r.ip(b, wire)
		case etherPPPoE:
			return r.pppoe(b, wire)
		case etherVLAN, etherQinQ, etherOldQinQ:
		default:
			return false
		}
		if len(b) < 4 {
			return false
		}
		r.out = binary.BigEndian.AppendUint16(r.out, r.numbers.tag(binary.BigEndian.Uint16(b)))
		r.out = append(r.out, b[2:4]...)
		etherType, b, wire = binary.BigEndian.Uint16(b[2:]), b[4:], wire-4
	}
}

// sll adds a Linux cooked header.
func (r *rewriter) sll(b []byte, wire int) bool {
	if len(b) < 16 {
		return false
	}
	r.out = binary.BigEndian.AppendUint16(r.out, packetType(binary.BigEndian.Uint16(b)))
	r.out = binary.BigEndian.AppendUint16(r.out, hardware(binary.BigEndian.Uint16(b[2:])))
	r.cookedAddress(binary.BigEndian.Uint16(b[4:]), b[6:14], 2)
	r.out = append(r.out, b[14:16]...)
	return r.network(binary.BigEndian.Uint16(b[14:]), b[16:], wire-16)
}

// sll2 adds a Linux cooked header v2.
func (r *rewriter) sll2(b []byte, wire int) bool {
	if len(b) < 20 {
		return false
	}
	r.out = append(r.out, b[0], b[1], 0, 0)
	r.out = binary.BigEndian.AppendUint32(r.out, r.numbers.device(binary.BigEndian.Uint32(b[4:])))
	r.out = binary.BigEndian.AppendUint16(r.out, hardware(binary.BigEndian.Uint16(b[8:])))
	r.out = append(r.out, byte(packetType(uint16(b[10]))))
	r.cookedAddress(uint16(b[11]), b[12:20], 1)
	return r.network(binary.BigEndian.Uint16(b), b[20:], wire-20)
}

// cookedAddress adds the length of a sender's address and its eight bytes. What is
// no Ethernet address, which may be an IP address, is left away.
func (r *rewriter) cookedAddress(length uint16, b []byte, lengthBytes int) {
	if length != 6 {
		r.out = append(r.out, make([]byte, lengthBytes+8)...)
		return
	}
	if lengthBytes == 2 {
		r.out = append(r.out, 0)
	}
	r.out = append(r.numbers.appendMAC(append(r.out, 6), b), 0, 0)
}

// packetType is who a packet was for, in a cooked header: one of those that there
// are (linux/if_packet.h), or nobody's.
func packetType(t uint16) uint16 {
	if t > 7 {
		return 0
	}
	return t
}

// hardware is a link's ARPHRD_ number: one of the usual (linux/if_arp.h), or none.
func hardware(t uint16) uint16 {
	switch t {
	case 1, 512, 768, 769, 772, 776, 778, 823, 824: // Ethernet, PPP, tunnels, loopback
		return t
	}
	return 0xfffe
}
