package extract

import (
	"encoding/binary"

	"allroads/trace"
)

// fragmentID is what fragments of one packet have in common (RFC 791; RFC 8200,
// section 4.5).
type fragmentID struct {
	src, dst [16]byte
	id       uint32
	protocol uint8 // of IPv4; 0 for IPv6
}

// fragmentOf returns which packet a fragment is of. Fragments inside of tunnels, and
// behind other extension headers of IPv6, are not found.
func fragmentOf(p *trace.Packet) (id fragmentID, is bool) {
	b := ipHeader(p.Link, p.Data)
	switch {
	case len(b) >= 20 && b[0]>>4 == 4 && binary.BigEndian.Uint16(b[6:])&0x3fff != 0:
		copy(id.src[:], b[12:16])
		copy(id.dst[:], b[16:20])
		id.id, id.protocol = uint32(binary.BigEndian.Uint16(b[4:])), b[9]
		return id, true
	case len(b) >= 48 && b[0]>>4 == 6 && b[6] == 44:
		copy(id.src[:], b[8:24])
		copy(id.dst[:], b[24:40])
		id.id = binary.BigEndian.Uint32(b[44:])
		return id, true
	}
	return id, false
}

// ipHeader is what follows the link's header, nil when that is not IP.
func ipHeader(link trace.LinkType, b []byte) []byte {
	length, kind := 0, 0 // of the link's header, and where in it an EtherType stands
	switch link {
	case trace.Raw:
		return b
	case trace.Ethernet:
		length, kind = 14, 12
	case trace.SLL:
		length, kind = 16, 14
	case trace.SLL2:
		length = 20
	case trace.Null, trace.Loop:
		return b[min(len(b), 4):]
	default:
		return nil
	}
	if len(b) < length {
		return nil
	}
	return untagged(binary.BigEndian.Uint16(b[kind:]), b[length:])
}

// untagged takes off VLAN tags.
func untagged(etherType uint16, b []byte) []byte {
	for etherType == 0x8100 || etherType == 0x88a8 || etherType == 0x9100 {
		if len(b) < 4 {
			return nil
		}
		etherType, b = binary.BigEndian.Uint16(b[2:]), b[4:]
	}
	if etherType != 0x0800 && etherType != 0x86dd {
		return nil
	}
	return b
}
