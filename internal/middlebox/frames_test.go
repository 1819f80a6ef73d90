package middlebox_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"

	"allroads/wire"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A packet describes a frame, which gopacket makes.
type packet struct {
	tags       int  // VLAN
	six        bool // IPv6
	alerts     int  // IPv4 options of four bytes
	extensions []layers.IPProtocol
	extra      int // units of eight bytes that each extension is longer than need be
	reverse    bool
	port       layers.TCPPort // at one end
	flags      string         // S, A, R, F as tcpdump shows them, A for its dot
	options    []layers.TCPOption
	payload    []byte
	trailer    []byte
	error      uint16 // added to the checksum
}

func (p packet) tcp() *layers.TCP {
	tcp := &layers.TCP{SrcPort: 40000 + p.port, DstPort: 4321, Seq: 0x12345678, Ack: 0x9abcdef0, Window: 5000, Options: p.options}
	if p.reverse {
		tcp.SrcPort, tcp.DstPort = tcp.DstPort, tcp.SrcPort
	}
	for _, flag := range p.flags {
		switch flag {
		case 'S':
			tcp.SYN = true
		case 'A':
			tcp.ACK = true
		case 'R':
			tcp.RST = true
		case 'F':
			tcp.FIN = true
		}
	}
	return tcp
}

func (p packet) addresses() (source, destination net.IP) {
	source, destination = net.IP{10, 0, 0, 2}, net.IP{10, 0, 0, 1}
	if p.six {
		source, destination = net.ParseIP("fd00::2"), net.ParseIP("fd00::1")
	}
	if p.reverse {
		return destination, source
	}
	return source, destination
}

// headers are the layers below TCP.
func (p packet) headers(tcp *layers.TCP) (all []gopacket.SerializableLayer) {
	ethernet := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}}
	all = append(all, ethernet)
	next := &ethernet.EthernetType
	for i := range p.tags {
		*next = []layers.EthernetType{layers.EthernetTypeQinQ, layers.EthernetTypeDot1Q}[(i+2-p.tags%2)%2]
		tag := &layers.Dot1Q{VLANIdentifier: uint16(i) + 30}
		all, next = append(all, tag), &tag.Type
	}
	source, destination := p.addresses()
	if p.six {
		*next = layers.EthernetTypeIPv6
		ip := &layers.IPv6{Version: 6, SrcIP: source, DstIP: destination, HopLimit: 64}
		_ = tcp.SetNetworkLayerForChecksum(ip)
		return append(append(all, ip), p.extend(&ip.NextHeader)...)
	}
	*next = layers.EthernetTypeIPv4
	ip := &layers.IPv4{Version: 4, SrcIP: source, DstIP: destination, TTL: 64, Protocol: layers.IPProtocolTCP}
	for range p.alerts {
		ip.Options = append(ip.Options, layers.IPv4Option{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}})
	}
	_ = tcp.SetNetworkLayerForChecksum(ip)
	return append(all, ip)
}

// extend makes the extension headers and links them, from the field at next on.
func (p packet) extend(next *layers.IPProtocol) (all []gopacket.SerializableLayer) {
	padding := bytes.Repeat([]byte{0}, 4+8*p.extra)
	for _, protocol := range p.extensions {
		*next = protocol
		switch protocol {
		case layers.IPProtocolIPv6HopByHop:
			h := &layers.IPv6HopByHop{Options: []*layers.IPv6HopByHopOption{{OptionType: 1, OptionData: padding}}}
			all, next = append(all, h), &h.NextHeader
		case layers.IPProtocolIPv6Destination:
			h := &layers.IPv6Destination{Options: []*layers.IPv6DestinationOption{{OptionType: 1, OptionData: padding}}}
			all, next = append(all, h), &h.NextHeader
		case layers.IPProtocolIPv6Routing:
			h := &layers.IPv6Routing{RoutingType: 253, Reserved: make([]byte, 4), Data: make([]byte, 8*p.extra)}
			all, next = append(all, h), &h.NextHeader
		}
	}
	*next = layers.IPProtocolTCP
	return all
}

// tcpAt is where the TCP header is in the frame.
func (p packet) tcpAt() int {
	at := 14 + 4*p.tags
	if !p.six {
		return at + 20 + 4*p.alerts
	}
	return at + 40 + 8*(1+p.extra)*len(p.extensions)
}

func (p packet) frame(t fataler) []byte {
	tcp := p.tcp()
	all := append(p.headers(tcp), tcp, gopacket.Payload(p.payload))
	buffer := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, all...); err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	frame := append(bytes.Clone(buffer.Bytes()), p.trailer...)
	checksum := frame[p.tcpAt()+16:]
	sum := uint32(binary.BigEndian.Uint16(checksum)) + uint32(p.error)
	binary.BigEndian.PutUint16(checksum, uint16(sum>>16+sum&0xffff))
	return frame
}

type fataler interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// without is the packet with NOPs for the MPTCP options of these subtypes, and
// whether there were any.
func (p packet) without(gone ...wire.Subtype) (stripped packet, any bool) {
	stripped = p
	stripped.options = nil
	for _, o := range p.options {
		if !carries(o, gone) {
			stripped.options = append(stripped.options, o)
			continue
		}
		any = true
		for range 2 + len(o.OptionData) {
			stripped.options = append(stripped.options, nop)
		}
	}
	return stripped, any
}

func carries(o layers.TCPOption, any []wire.Subtype) bool {
	return o.OptionType == wire.OptionKind && (len(any) == 0 || bytes.IndexByte(nibbles(any), o.OptionData[0]>>4) >= 0)
}

func nibbles(subtypes []wire.Subtype) (all []byte) {
	for _, s := range subtypes {
		all = append(all, byte(s))
	}
	return all
}

var nop = layers.TCPOption{OptionType: layers.TCPOptionKindNop}

// option makes a TCP option out of all its bytes.
func option(raw ...byte) layers.TCPOption {
	return layers.TCPOption{OptionType: layers.TCPOptionKind(raw[0]), OptionLength: uint8(len(raw)), OptionData: raw[2:]}
}

// decode has gopacket read the frame, and says whether the TCP checksum is right.
func decode(t testing.TB, frame []byte) (tcp *layers.TCP, right bool) {
	t.Helper()
	decoded := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	tcp, ok := decoded.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !ok {
		t.Fatalf("gopacket sees no TCP in %x", frame)
	}
	if err := tcp.SetNetworkLayerForChecksum(decoded.NetworkLayer()); err != nil {
		t.Fatal(err)
	}
	err, result := tcp.VerifyChecksum()
	if err != nil {
		t.Fatal(err)
	}
	return tcp, result.Valid
}

// sameFrame compares bytes, with the two zeros of a checksum for one another: a
// wrong one may come out as either.
func sameFrame(p packet, a, b []byte) bool {
	a, b = bytes.Clone(a), bytes.Clone(b)
	for _, frame := range [][]byte{a, b} {
		checksum := frame[p.tcpAt()+16:]
		if p.error != 0 && binary.BigEndian.Uint16(checksum) == 0xffff {
			binary.BigEndian.PutUint16(checksum, 0)
		}
	}
	return bytes.Equal(a, b)
}
