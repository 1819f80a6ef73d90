package trace_test

import (
	"encoding/binary"
	"net/netip"
	"os/exec"
	"reflect"
	"slices"
	"strings"
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
		{"fragment of UDP", alter(alter(plain4, 21, 1), 23, 17), trace.ErrNotTCP},
		{"IPv6 behind the wrong EtherType", alter(alter(plain4, 12, 0x86), 13, 0xdd), trace.ErrNotTCP},
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
			s := trace.Segment{Payload: plain4, Seq: 1} // of the packet before
			if err := s.Decode(&trace.Packet{Data: c.data, Length: 200, Time: 5}); err != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
			if !reflect.DeepEqual(s, trace.Segment{}) {
				t.Errorf("it leaves %+v", s)
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

// TestDecodeFormsAllocatesNothing holds the hot path's budget for every form,
// and for packets that cannot be decoded.
func TestDecodeFormsAllocatesNothing(t *testing.T) {
	var packets []trace.Packet
	everyForm(t, func(t *testing.T, p trace.Packet, plain trace.Segment, link linkForm, form ipForm) {
		cut := p
		cut.Data = p.Data[:len(packets)%min(60, len(p.Data))]
		packets = append(packets, p, cut)
	})
	allocated := testing.AllocsPerRun(1, func() {
		for i := range packets {
			var s trace.Segment
			_ = s.Decode(&packets[i])
		}
	})
	if allocated != 0 {
		t.Errorf("decoding allocates %v times", allocated)
	}
}

// TestFlagsLikeTcpdump has tcpdump write all combinations of flags.
func TestFlagsLikeTcpdump(t *testing.T) {
	program, err := exec.LookPath("tcpdump")
	if err != nil {
		missing(t, err)
	}
	var packets []captured
	for flags := range 256 {
		data := frame(four[0], four[1], 1, 1, trace.TCPFlags(flags), nil, nil)
		packets = append(packets, captured{"", 1, trace.Packet{Data: data, Length: len(data)}})
	}
	out, err := exec.Command(program, "-n", "-r", writeFile(t, packets)).Output()
	if err != nil {
		t.Fatalf("tcpdump: %v", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(packets) {
		t.Fatalf("tcpdump writes %d lines", len(lines))
	}
	for flags, line := range lines {
		if want := "Flags [" + trace.TCPFlags(flags).String() + "]"; !strings.Contains(line, want) {
			t.Errorf("%#x: tcpdump writes %q, we %q", flags, line, want)
		}
	}
}
