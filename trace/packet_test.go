package trace_test

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"allroads/trace"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

var (
	four = [2]netip.AddrPort{netip.MustParseAddrPort("10.0.0.2:40000"), netip.MustParseAddrPort("10.0.0.1:4321")}
	six  = [2]netip.AddrPort{netip.MustParseAddrPort("[fd00::2]:40000"), netip.MustParseAddrPort("[fd00::1]:4321")}
)

// insert puts bytes into a frame.
func insert(frame []byte, at int, b ...byte) []byte {
	return slices.Insert(slices.Clone(frame), at, b...)
}

func vlan(frame []byte, etherType uint16) []byte {
	tag := binary.BigEndian.AppendUint16(nil, etherType)
	return insert(frame, 12, append(tag, 0, 42)...)
}

// extend puts an IPv6 extension header behind the IPv6 header.
func extend(frame []byte, kind byte, header ...byte) []byte {
	header[0] = frame[20]
	out := insert(frame, 54, header...)
	out[20] = kind
	binary.BigEndian.PutUint16(out[18:], binary.BigEndian.Uint16(out[18:])+uint16(len(header)))
	return out
}

func TestDecode(t *testing.T) {
	options := []byte{2, 4, 5, 180, 30, 4, 0x81, 1}
	payload := []byte("payload")
	plain4 := frame(four[0], four[1], 100, 200, trace.PSH|trace.ACK, slices.Clone(options), payload)
	plain6 := frame(six[0], six[1], 100, 200, trace.PSH|trace.ACK, slices.Clone(options), payload)
	padded := append(slices.Clone(plain4), make([]byte, 9)...)
	super := slices.Clone(plain4)
	binary.BigEndian.PutUint16(super[16:], 0)
	cases := []struct {
		name string
		data []byte
		ends [2]netip.AddrPort
	}{
		{"IPv4", plain4, four},
		{"IPv4 with padding", padded, four},
		{"IPv4 without a length", super, four},
		{"IPv4 in a VLAN", vlan(plain4, 0x8100), four},
		{"IPv4 in two VLANs", vlan(vlan(plain4, 0x8100), 0x88a8), four},
		{"IPv6", plain6, six},
		{"IPv6 with hop-by-hop options", extend(plain6, 0, 0, 0, 1, 4, 0, 0, 0, 0), six},
		{"IPv6 with two headers", extend(extend(plain6, 60, 0, 0, 1, 4, 0, 0, 0, 0), 43, 0, 0, 0, 0, 0, 0, 0, 0), six},
		{"IPv6 first fragment", extend(plain6, 44, 0, 0, 0, 1, 0, 0, 0, 0), six},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s trace.Segment
			if err := s.Decode(&trace.Packet{Data: c.data, Length: len(c.data), Time: 5, Interface: 1}); err != nil {
				t.Fatal(err)
			}
			if s.Src != c.ends[0] || s.Dst != c.ends[1] || s.Seq != 100 || s.Ack != 200 || s.Flags.String() != "P." ||
				s.PayloadLen != len(payload) || string(s.Payload) != string(payload) ||
				string(s.Options) != string(options) || s.OptionsCut || s.Time != 5 || s.Interface != 1 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestDecodeNot(t *testing.T) {
	plain4 := frame(four[0], four[1], 1, 1, trace.ACK, nil, []byte("payload"))
	plain6 := frame(six[0], six[1], 1, 1, trace.ACK, nil, []byte("payload"))
	alter := func(frame []byte, at int, value byte) []byte {
		out := slices.Clone(frame)
		out[at] = value
		return out
	}
	cases := []struct {
		name string
		data []byte
		want error
	}{
		{"ARP", alter(plain4, 13, 6), trace.ErrNotTCP},
		{"UDP", alter(plain4, 23, 17), trace.ErrNotTCP},
		{"UDP over IPv6", alter(plain6, 20, 17), trace.ErrNotTCP},
		{"later fragment", alter(plain4, 21, 1), trace.ErrNotTCP},
		{"later fragment of IPv6", extend(plain6, 44, 0, 0, 0, 9, 0, 0, 0, 0), trace.ErrNotTCP},
		{"IPv4 header too short", alter(plain4, 14, 0x44), trace.ErrNotTCP},
		{"not version 4", alter(plain4, 14, 0x65), trace.ErrNotTCP},
		{"TCP header too short", alter(plain4, 46, 0x40), trace.ErrNotTCP},
		{"TCP header longer than the packet", alter(plain4, 46, 0xf0), trace.ErrNotTCP},
		{"nothing", nil, trace.ErrCut},
		{"cut in Ethernet", plain4[:13], trace.ErrCut},
		{"cut in a VLAN tag", vlan(plain4, 0x8100)[:16], trace.ErrCut},
		{"cut in IPv4", plain4[:30], trace.ErrCut},
		{"cut in TCP", plain4[:50], trace.ErrCut},
		{"cut in IPv6", plain6[:50], trace.ErrCut},
		{"cut in an extension header", extend(plain6, 0, 0, 0, 1, 4, 0, 0, 0, 0)[:58], trace.ErrCut},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s trace.Segment
			if err := s.Decode(&trace.Packet{Data: c.data, Length: 200}); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestDecodeLikeGopacket compares every packet of a real capture.
func TestDecodeLikeGopacket(t *testing.T) {
	for i, p := range capturedPackets(t, twoPaths) {
		var s trace.Segment
		if err := s.Decode(&p); err != nil {
			t.Fatal(err)
		}
		packet := gopacket.NewPacket(p.Data, layers.LayerTypeEthernet, gopacket.Default)
		tcp, ok := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if !ok {
			t.Fatalf("packet %d: gopacket sees no TCP", i+1)
		}
		if uint16(tcp.SrcPort) != s.Src.Port() || uint16(tcp.DstPort) != s.Dst.Port() ||
			tcp.Seq != s.Seq || tcp.Ack != s.Ack || tcp.Window != s.Window ||
			tcp.SYN != (s.Flags&trace.SYN != 0) || tcp.FIN != (s.Flags&trace.FIN != 0) || tcp.ACK != (s.Flags&trace.ACK != 0) ||
			len(tcp.Payload) != s.PayloadLen || string(tcp.Payload) != string(s.Payload) ||
			packet.NetworkLayer().NetworkFlow().Src().String() != s.Src.Addr().String() {
			t.Errorf("packet %d: gopacket says %+v, we say %+v", i+1, tcp, s)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, p := range capturedPackets(f, twoPaths)[:9] {
		f.Add(p.Data, p.Length)
	}
	f.Add(extend(frame(six[0], six[1], 1, 1, trace.ACK, nil, nil), 0, 0, 0, 1, 4, 0, 0, 0, 0), 100)
	f.Add(vlan(frame(four[0], four[1], 1, 1, trace.ACK, nil, nil), 0x8100), 100)
	f.Fuzz(func(t *testing.T, data []byte, length int) {
		var s trace.Segment
		if s.Decode(&trace.Packet{Data: data, Length: length}) != nil {
			return
		}
		if s.PayloadLen < 0 || !s.OptionsCut && length >= len(data) && len(s.Payload) > s.PayloadLen {
			t.Errorf("%d bytes of payload, of which %d are there", s.PayloadLen, len(s.Payload))
		}
	})
}
