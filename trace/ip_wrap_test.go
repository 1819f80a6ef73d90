package trace_test

import (
	"encoding/binary"
	"slices"

	"allroads/trace"
)

// ipForm is the same segment in other IP headers. Forms for one version only
// return nil for the other.
type ipForm struct {
	name string
	wrap wrap
}

var ipForms = []ipForm{
	{"plain", bare},
	{"IPv4 options", only4(func(ip []byte) []byte { return addOptions4(ip, 1, 1, 1, 1, 148, 4, 0, 0) })},
	{"IPv4 of unknown length", only4(func(ip []byte) []byte { return put16(ip, 2, 0) })},
	{"IPv4 with AH", only4(func(ip []byte) []byte { return addHeader4(ip, 51, []byte{1: 4, 23: 1}...) })},
	{"IPv6 of unknown length", only6(func(ip []byte) []byte { return put16(ip, 4, 0) })},
	{"hop-by-hop options", only6(func(ip []byte) []byte { return addHeader6(ip, 0, 0, 0, 1, 4, 0, 0, 0, 0) })},
	{"routing header", only6(func(ip []byte) []byte { return addHeader6(ip, 43, []byte{1: 2, 2: 4, 23: 0}...) })},
	{"destination options", only6(func(ip []byte) []byte { return addHeader6(ip, 60, []byte{1: 1, 2: 1, 3: 12, 15: 0}...) })},
	{"AH", only6(func(ip []byte) []byte { return addHeader6(ip, 51, []byte{1: 4, 23: 1}...) })},
	{"whole in one fragment", only6(func(ip []byte) []byte { return addHeader6(ip, 44, 0, 0, 0, 0, 0, 0, 0, 9) })},
	{"all extension headers", only6(allExtensions)},
	{"IP in IPv4", in4(4, 41, nil)},
	{"IP in IPv4 with options", func(ip []byte) []byte { return addOptions4(in4(4, 41, nil)(ip), 1, 1, 1, 1) }},
	{"IP in IPv6", in6(4, 41, nil)},
	{"IP in IPv6 behind destination options", func(ip []byte) []byte { return addHeader6(in6(4, 41, nil)(ip), 60, 0, 0, 1, 4, 0, 0, 0, 0) }},
	{"GRE", greTo4(0)},
	{"GRE with a checksum", greTo4(0x8000)},
	{"GRE with a key", greTo4(0x2000)},
	{"GRE with a sequence number", greTo4(0x1000)},
	{"GRE with all", greTo4(0xb000)},
	{"GRE in IPv6", func(ip []byte) []byte { return in6(47, 47, greHeader(0x2000, etherType(ip)))(ip) }},
	{"Ethernet in GRE", func(ip []byte) []byte { return in4(47, 47, greHeader(0, 0x6558))(ethernet(ip)) }},
	{"VLAN in Ethernet in GRE", func(ip []byte) []byte { return in4(47, 47, greHeader(0x2000, 0x6558))(tagged(0x8100, 42)(ip)) }},
}

func only4(w wrap) wrap {
	return func(ip []byte) []byte {
		if isIPv6(ip) {
			return nil
		}
		return w(ip)
	}
}

func only6(w wrap) wrap {
	return func(ip []byte) []byte {
		if !isIPv6(ip) {
			return nil
		}
		return w(ip)
	}
}

func put16(ip []byte, at int, v uint16) []byte {
	out := slices.Clone(ip)
	binary.BigEndian.PutUint16(out[at:], v)
	return out
}

func add16(ip []byte, at, n int) []byte {
	return put16(ip, at, binary.BigEndian.Uint16(ip[at:])+uint16(n))
}

func addOptions4(ip []byte, options ...byte) []byte {
	out := add16(slices.Insert(slices.Clone(ip), 20, options...), 2, len(options))
	out[0] += byte(len(options) / 4)
	return out
}

// addHeader4 puts a header with a next-header field behind that of IPv4.
func addHeader4(ip []byte, kind byte, header ...byte) []byte {
	header[0] = ip[9]
	out := add16(slices.Insert(slices.Clone(ip), 20, header...), 2, len(header))
	out[9] = kind
	return out
}

// addHeader6 puts an extension header behind the IPv6 header.
func addHeader6(ip []byte, kind byte, header ...byte) []byte {
	header = slices.Clone(header)
	header[0] = ip[6]
	out := add16(slices.Insert(slices.Clone(ip), 40, header...), 4, len(header))
	out[6] = kind
	return out
}

// allExtensions is in the order of RFC 8200, section 4.1.
func allExtensions(ip []byte) []byte {
	ip = addHeader6(ip, 60, 0, 0, 1, 4, 0, 0, 0, 0)
	ip = addHeader6(ip, 51, []byte{1: 4, 23: 1}...)
	ip = addHeader6(ip, 44, 0, 0, 0, 0, 0, 0, 0, 9)
	ip = addHeader6(ip, 43, []byte{1: 2, 2: 4, 23: 0}...)
	ip = addHeader6(ip, 60, 0, 0, 1, 4, 0, 0, 0, 0)
	return addHeader6(ip, 0, 0, 0, 5, 2, 0, 0, 1, 0)
}

// in4 puts an IPv4 header and another one around a packet; the protocols are for
// IPv4 and for IPv6 inside.
func in4(four, six byte, header []byte) wrap {
	return func(ip []byte) []byte {
		protocol := four
		if isIPv6(ip) {
			protocol = six
		}
		out := slices.Concat([]byte{0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2}, header, ip)
		return put16(out, 2, uint16(len(out)))
	}
}

func in6(four, six byte, header []byte) wrap {
	return func(ip []byte) []byte {
		protocol := four
		if isIPv6(ip) {
			protocol = six
		}
		out := slices.Concat([]byte{0x60, 0, 0, 0, 0, 0, protocol, 64, 0x20, 1, 0xd, 0xb8, 23: 1}, []byte{0x20, 1, 0xd, 0xb8, 15: 2}, header, ip)
		return put16(out, 4, uint16(len(out)-40))
	}
}

func greHeader(flags, etherType uint16) []byte {
	b := append(b16(flags), b16(etherType)...)
	for bit := uint16(0x8000); bit >= 0x1000; bit >>= 1 {
		if flags&bit != 0 {
			b = append(b, 0, 0, 0, 5)
		}
	}
	return b
}

func greTo4(flags uint16) wrap {
	return func(ip []byte) []byte { return in4(47, 47, greHeader(flags, etherType(ip)))(ip) }
}

// around is an Ethernet frame around a form.
func around(w wrap) wrap { return func(ip []byte) []byte { return ethernet(w(ip)) } }

// toIPv6 puts the segment of an IPv4 packet, which is captured in whole, into
// an IPv6 packet.
func toIPv6(ip []byte) []byte {
	b := append([]byte{0x60, 0, 0, 0}, b16(uint16(len(ip)-20))...)
	b = append(b, 6, 64)
	for _, address := range [][]byte{ip[12:16], ip[16:20]} {
		b = append(b, []byte{0xfd, 11: 0}...)
		b = append(b, address...)
	}
	return append(b, ip[20:]...)
}

// wrapAll puts the IP packets of Ethernet frames into another form.
func wrapAll(packets []trace.Packet, w wrap) []trace.Packet {
	wrapped := slices.Clone(packets)
	for i := range wrapped {
		p := &wrapped[i]
		data := w(p.Data[14:])
		p.Length, p.Data = p.Length+len(data)-len(p.Data), data
	}
	return wrapped
}
