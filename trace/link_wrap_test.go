package trace_test

import (
	"encoding/binary"
	"slices"

	"allroads/trace"
)

// wrap puts headers around an IP packet, or into it.
type wrap func(ip []byte) []byte

// linkForm is an IP packet as a link type has it in a capture file.
type linkForm struct {
	name     string
	linktype uint16 // LINKTYPE_ number
	wrap     wrap
}

func (l linkForm) packet(ip []byte) trace.Packet {
	link, ok := trace.LinkTypeOf(l.linktype)
	if !ok {
		panic(l.name)
	}
	data := l.wrap(ip)
	return trace.Packet{Link: link, Length: len(data), Data: data}
}

var linkForms = []linkForm{
	{"Ethernet", 1, ethernet},
	{"Ethernet with padding", 1, func(ip []byte) []byte { return append(ethernet(ip), make([]byte, 46)...) }},
	{"802.1Q", 1, tagged(0x8100, 42)},
	{"QinQ", 1, tagged(0x88a8, 7, 0x8100, 0xf000|42)},
	{"old QinQ", 1, tagged(0x9100, 7, 0x8100, 42)},
	{"three tags", 1, tagged(0x8100, 1, 0x8100, 2, 0x8100, 42)},
	{"PPPoE in Ethernet", 1, func(ip []byte) []byte { return append(etherHeader(0x8864), pppoe(ip)...) }},
	{"PPPoE in a VLAN", 1, func(ip []byte) []byte { return slices.Concat(etherHeader(0x8100), b16(42), b16(0x8864), pppoe(ip)) }},
	{"SLL", 113, sll},
	{"SLL2", 276, sll2},
	{"raw", 101, bare},
	{"little-endian loopback", 0, family(binary.LittleEndian, 30)},
	{"big-endian loopback", 0, family(binary.BigEndian, 28)},
	{"Linux loopback", 0, family(binary.LittleEndian, 10)},
	{"Windows loopback", 0, family(binary.LittleEndian, 23)},
	{"OpenBSD loopback", 108, family(binary.BigEndian, 24)},
	{"PPP", 9, ppp},
	{"PPP with HDLC framing", 9, hdlc},
	{"HDLC", 50, hdlc},
	{"HDLC, compressed protocol", 50, func(ip []byte) []byte { return slices.Delete(hdlc(ip), 2, 3) }},
	{"Cisco HDLC", 50, func(ip []byte) []byte { return slices.Concat([]byte{0x0f, 0}, b16(etherType(ip)), ip) }},
	{"PPPoE", 51, pppoe},
}

func b16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }

func bare(ip []byte) []byte { return slices.Clone(ip) }

func isIPv6(ip []byte) bool { return ip[0]>>4 == 6 }

func etherType(ip []byte) uint16 {
	if isIPv6(ip) {
		return 0x86dd
	}
	return 0x0800
}

func etherHeader(etherType uint16) []byte { return append(make([]byte, 12, 14), b16(etherType)...) }

func ethernet(ip []byte) []byte { return append(etherHeader(etherType(ip)), ip...) }

// tagged puts tags before the EtherType: pairs of a tag's own and its VLAN.
func tagged(tags ...uint16) wrap {
	return func(ip []byte) []byte {
		frame := make([]byte, 12)
		for _, v := range append(slices.Clone(tags), etherType(ip)) {
			frame = binary.BigEndian.AppendUint16(frame, v)
		}
		return append(frame, ip...)
	}
}

func sll(ip []byte) []byte {
	return slices.Concat([]byte{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, b16(etherType(ip)), ip)
}

// sll2 says that the packet was captured on the interface of index 17.
func sll2(ip []byte) []byte {
	return slices.Concat(b16(etherType(ip)), []byte{0, 0, 0, 0, 0, 17, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0}, ip)
}

func family(order binary.AppendByteOrder, six uint32) wrap {
	return func(ip []byte) []byte {
		if isIPv6(ip) {
			return append(order.AppendUint32(nil, six), ip...)
		}
		return append(order.AppendUint32(nil, 2), ip...)
	}
}

func ppp(ip []byte) []byte {
	if isIPv6(ip) {
		return append([]byte{0, 0x57}, ip...)
	}
	return append([]byte{0, 0x21}, ip...)
}

func hdlc(ip []byte) []byte { return append([]byte{0xff, 3}, ppp(ip)...) }

func pppoe(ip []byte) []byte {
	return slices.Concat([]byte{0x11, 0, 0, 9}, b16(uint16(len(ip)+2)), ppp(ip))
}
