package packets

import (
	"encoding/binary"
	"net/netip"

	"allroads/trace"
)

// IP protocol numbers (IANA) that more than the name is written of.
const (
	protocolICMP   = 1
	protocolTCP    = 6
	protocolUDP    = 17
	protocolICMPv6 = 58
)

// protocolName is "" for one without a name here.
func protocolName(protocol uint8) string {
	switch protocol {
	case 2:
		return "IGMP"
	case 4, 41:
		return "IP-in-IP"
	case protocolTCP:
		return "TCP"
	case 44:
		return "fragment"
	case 47:
		return "GRE"
	case 50:
		return "ESP"
	case 51:
		return "AH"
	case 89:
		return "OSPF"
	case 112:
		return "VRRP"
	case 132:
		return "SCTP"
	}
	return ""
}

// datagram is an IP packet of which the header is there.
type datagram struct {
	src, dst netip.Addr
	protocol uint8
	later    bool // a later fragment
	b        []byte
}

func appendIPv4(b, ip []byte, why error) []byte {
	if len(ip) < 20 || ip[0]>>4 != 4 || ip[0]&15 < 5 {
		return append(b, "IPv4"...)
	}
	header := min(int(ip[0]&15)*4, len(ip))
	total := max(header, min(len(ip), int(binary.BigEndian.Uint16(ip[2:]))))
	return appendDatagram(b, &datagram{
		src: netip.AddrFrom4([4]byte(ip[12:])), dst: netip.AddrFrom4([4]byte(ip[16:])), protocol: ip[9],
		later: binary.BigEndian.Uint16(ip[6:])&0x1fff != 0, b: ip[header:total],
	}, why)
}

// appendIPv6 steps over hop-by-hop and destination options (RFC 8200), as
// multicast listener reports have them.
func appendIPv6(b, ip []byte, why error) []byte {
	if len(ip) < 40 || ip[0]>>4 != 6 {
		return append(b, "IPv6"...)
	}
	d := datagram{src: netip.AddrFrom16([16]byte(ip[8:])), dst: netip.AddrFrom16([16]byte(ip[24:])), protocol: ip[6]}
	d.b = ip[40:min(len(ip), 40+int(binary.BigEndian.Uint16(ip[4:])))]
	for range 8 {
		if d.protocol != 0 && d.protocol != 60 || len(d.b) < 2 || len(d.b) < int(d.b[1])*8+8 {
			break
		}
		d.protocol, d.b = d.b[0], d.b[int(d.b[1])*8+8:]
	}
	return appendDatagram(b, &d, why)
}

func appendDatagram(b []byte, d *datagram, why error) []byte {
	if d.protocol == protocolUDP && !d.later {
		return appendUDP(b, d)
	}
	b = d.src.AppendTo(b)
	b = d.dst.AppendTo(append(b, " > "...))
	b = append(b, ' ')
	switch {
	case d.protocol == protocolICMP && !d.later:
		b = appendICMP(append(b, "ICMP"...), d, icmpName)
	case d.protocol == protocolICMPv6:
		b = appendICMP(append(b, "ICMPv6"...), d, icmp6Name)
	case d.protocol == protocolTCP && why == trace.ErrNotTCP:
		b = append(b, "TCP malformed"...)
	case protocolName(d.protocol) != "":
		b = append(b, protocolName(d.protocol)...)
	default:
		b = appendNumber(b, "IP protocol ", uint64(d.protocol))
	}
	if d.later && why != trace.ErrFragment {
		b = append(b, " later fragment"...)
	}
	return b
}

func appendUDP(b []byte, d *datagram) []byte {
	if len(d.b) < 8 {
		b = d.src.AppendTo(b)
		b = d.dst.AppendTo(append(b, " > "...))
		return append(b, " UDP"...)
	}
	b = netip.AddrPortFrom(d.src, binary.BigEndian.Uint16(d.b)).AppendTo(b)
	b = netip.AddrPortFrom(d.dst, binary.BigEndian.Uint16(d.b[2:])).AppendTo(append(b, " > "...))
	if length := binary.BigEndian.Uint16(d.b[4:]); length >= 8 {
		return appendNumber(b, " UDP len ", uint64(length-8))
	}
	return append(b, " UDP"...)
}
