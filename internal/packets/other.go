package packets

import (
	"encoding/binary"
	"net/netip"

	"allroads/trace"
)

// appendOther writes what a packet is that no segment was read in, as far as it
// is plain to see, and why. It makes no claim from bytes that are not there.
func appendOther(b []byte, pk *trace.Packet, why error) []byte {
	start := len(b)
	switch etherType, rest := network(pk.Link, pk.Data); etherType {
	case etherNone:
	case etherARP:
		b = appendARP(b, rest)
	case etherIPv4:
		b = appendIPv4(b, rest, why)
	case etherIPv6:
		b = appendIPv6(b, rest, why)
	default:
		b = appendEtherType(b, etherType)
	}
	switch {
	case len(b) == start:
		b = append(b, why.Error()...)
	case why != trace.ErrNotTCP:
		b = append(append(b, ", "...), why.Error()...)
	}
	return appendSize(b, pk)
}

// appendSize writes how much of the packet there is.
func appendSize(b []byte, pk *trace.Packet) []byte {
	if pk.Length > len(pk.Data) {
		b = appendNumber(b, ", ", uint64(len(pk.Data)))
		b = appendNumber(b, " of ", uint64(pk.Length))
	} else {
		b = appendNumber(b, ", ", uint64(len(pk.Data)))
	}
	return append(b, " bytes"...)
}

// appendARP writes the addresses of an ARP packet (RFC 826) of IPv4 in Ethernet.
func appendARP(b, arp []byte) []byte {
	b = append(b, "ARP"...)
	if len(arp) < 28 || binary.BigEndian.Uint64(arp)>>16 != 0x0001_0800_0604 {
		return b
	}
	sender, target := netip.AddrFrom4([4]byte(arp[14:])), netip.AddrFrom4([4]byte(arp[24:]))
	switch binary.BigEndian.Uint16(arp[6:]) {
	case 1:
		b = sender.AppendTo(append(b, ' '))
		return target.AppendTo(append(b, " asks for "...))
	case 2:
		b = sender.AppendTo(append(b, ' '))
		b = append(b, " is at"...)
		separator := byte(' ')
		for _, octet := range arp[8:14] {
			b = append(b, separator, "0123456789abcdef"[octet>>4], "0123456789abcdef"[octet&15])
			separator = ':'
		}
	}
	return b
}
