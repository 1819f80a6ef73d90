package anonymize

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"allroads/trace"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// wrap puts an IPv4 packet into something else.
type wrap func(ip []byte) []byte

// before is a wrap that puts some bytes before it.
func before(header ...byte) wrap {
	return func(ip []byte) []byte { return slices.Concat(header, ip) }
}

// linkForms are the headers of links, by the LINKTYPE_ number.
var linkForms = []struct {
	name   string
	number uint16
	wrap   wrap
	says   []byte // that must not come out
}{
	{"Ethernet", 1, before(0, 0x1b, 0x21, 1, 2, 3, 0, 0x1b, 0x21, 4, 5, 6, 8, 0), []byte{0x1b, 0x21}},
	{"padded", 1, func(ip []byte) []byte {
		return slices.Concat([]byte{0, 0x1b, 0x21, 1, 2, 3, 0, 0x1b, 0x21, 4, 5, 6, 8, 0}, ip, []byte("padding"))
	}, []byte("padding")},
	{"802.1Q", 1, before(0, 0x1b, 0x21, 1, 2, 3, 0, 0x1b, 0x21, 4, 5, 6, 0x81, 0, 0x61, 0x23, 8, 0), []byte{0x81, 0, 0x61, 0x23}},
	{"QinQ", 1, before(0, 0x1b, 0x21, 1, 2, 3, 0, 0x1b, 0x21, 4, 5, 6, 0x88, 0xa8, 1, 7, 0x81, 0, 1, 0x42, 8, 0), []byte{0x81, 0, 1, 0x42}},
	{"PPPoE in Ethernet", 1, func(ip []byte) []byte {
		return slices.Concat([]byte{0, 0x1b, 0x21, 1, 2, 3, 0, 0x1b, 0x21, 4, 5, 6, 0x88, 0x64}, pppoe(ip))
	}, []byte{0x11, 0, 0x5e, 0x55}},
	{"SLL", 113, before(0, 4, 0, 1, 0, 6, 0, 0x1b, 0x21, 4, 5, 6, 0x77, 0x88, 8, 0), []byte{0x1b, 0x21}},
	{"SLL of a tunnel", 113, before(0, 4, 3, 0xa, 0, 4, 203, 0, 113, 77, 1, 2, 3, 4, 8, 0), []byte{203, 0, 113, 77}},
	{"SLL2", 276, before(8, 0, 0, 0, 0, 0, 0x33, 0x44, 0, 1, 4, 6, 0, 0x1b, 0x21, 4, 5, 6, 0, 0), []byte{0x33, 0x44}},
	{"raw", 101, before(), nil},
	{"raw IPv4", 228, before(), nil},
	{"loopback", 0, before(2, 0, 0, 0), nil},
	{"OpenBSD loopback", 108, before(0, 0, 0, 2), nil},
	{"PPP", 9, before(0, 0x21), nil},
	{"compressed PPP", 9, before(0xff, 3, 0x21), nil},
	{"HDLC", 50, before(0xff, 3, 0, 0x21), nil},
	{"Cisco HDLC", 50, before(0x0f, 0, 8, 0), nil},
	{"PPPoE", 51, pppoe, []byte{0x5e, 0x55}},
}

func pppoe(ip []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0x11, 0, 0x5e, 0x55}, uint16(len(ip)+2))
	return slices.Concat(head, []byte{0, 0x21}, ip)
}

// ipForms are other IP headers around the same segment.
var ipForms = []struct {
	name string
	wrap wrap
	says []byte
}{
	{"plain", before(), nil},
	{"options", func(ip []byte) []byte {
		out := slices.Insert(slices.Clone(ip), 20, 7, 7, 4, 203, 0, 113, 77, 1)
		out[0] += 2
		return lengthened(out, 8)
	}, []byte{203, 0, 113, 77}},
	{"without a length", func(ip []byte) []byte { out := slices.Clone(ip); out[2], out[3] = 0, 0; return out }, nil},
	{"AH", func(ip []byte) []byte {
		out := slices.Insert(slices.Clone(ip), 20, 6, 4, 0, 0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 1, 'a', 'u', 't', 'h', 'e', 'n', 't', 'i', 'c', 'a', 't', 'e')
		out[9] = 51
		return lengthened(out, 24)
	}, []byte("authentic")},
	{"IP in IP", in4(4), []byte{203, 0, 113, 77}},
	{"GRE", in4(47, 0xb0, 0, 8, 0, 0x99, 0x98, 0, 0, 'k', 'e', 'y', '1', 0, 0, 0, 9), []byte("key1")},
	{"Ethernet in GRE", in4(47, 0, 0, 0x65, 0x58, 0, 0x1b, 0x21, 1, 2, 3, 0, 0x1b, 0x21, 4, 5, 6, 8, 0), []byte{0x1b, 0x21}},
	{"in IPv6", in6(nil, 4), []byte("\x20\x01\x0d\xb8\x77\x77")},
	{"in IPv6 with options", in6([]byte{4, 0, 5, 4, 'o', 'p', 't', 's'}, 60), []byte("opts")},
	{"in IPv6 with a routing header", in6(slices.Concat([]byte{4, 2, 4, 0, 0, 0, 0, 0}, netip.MustParseAddr("2001:db8:7777::5").AsSlice()), 43), []byte("\x20\x01\x0d\xb8\x77\x77")},
	{"fragments of IPv6", in6([]byte{4, 0, 0, 1, 'f', 'r', 'a', 'g'}, 44), []byte("frag")},
}

// lengthened adds to the length of an IPv4 packet.
func lengthened(ip []byte, by int) []byte {
	binary.BigEndian.PutUint16(ip[2:], binary.BigEndian.Uint16(ip[2:])+uint16(by))
	return ip
}

func in4(protocol byte, header ...byte) wrap {
	return func(ip []byte) []byte {
		out := slices.Concat([]byte{0x45, 0x10, 0, 20, 0x4d, 0x4d, 0x40, 0, 61, protocol, 0, 0, 203, 0, 113, 77, 203, 0, 113, 78}, header, ip)
		return lengthened(out, len(out)-20)
	}
}

func in6(extension []byte, next byte) wrap {
	return func(ip []byte) []byte {
		head := binary.BigEndian.AppendUint16([]byte{0x60, 0x0a, 0xbc, 0xde}, uint16(len(extension)+len(ip)))
		return slices.Concat(head, []byte{next, 61}, netip.MustParseAddr("2001:db8:7777::1").AsSlice(),
			netip.MustParseAddr("2001:db8:7777::2").AsSlice(), extension, ip)
	}
}

// toIPv6 puts the segment of an IPv4 packet into an IPv6 packet.
func toIPv6(ip []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(len(ip)-20))
	prefix := []byte{0xfd, 0x77, 11: 0}
	return slices.Concat(head, []byte{6, 64}, prefix, ip[12:16], prefix, ip[16:20], ip[20:])
}

// inForm has the real capture in another form.
func inForm(t testing.TB, number uint16, link, ip wrap) []trace.Packet {
	t.Helper()
	packets, _ := readPackets(t, twoPaths)
	kind, known := trace.LinkTypeOf(number)
	if !known {
		t.Fatal(number)
	}
	for i := range packets {
		p := &packets[i]
		p.Data = link(ip(p.Data[14:]))
		p.Link, p.Length = kind, len(p.Data)
	}
	return packets
}

// TestForms: what is found is the same for each link type and IP header, and nothing
// that only they have comes out.
func TestForms(t *testing.T) {
	for _, link := range linkForms {
		for _, ip := range ipForms {
			if link.name == "padded" && ip.name == "without a length" || link.number == 228 && ip.name[:2] == "in" ||
				len(ip.name) > 4 && ip.name[:2] != "op" && link.name != "Ethernet" && link.name != "SLL2" && link.name != "PPP" {
				continue // Nobody can tell where it ends; another version; enough of them.
			}
			six := ip.name[:2] == "in" || ip.name[:2] == "fr"
			if six && (link.name == "PPP") {
				continue
			}
			form := link.wrap
			if six {
				form = func(ip []byte) []byte {
					out := link.wrap(ip)
					binary.BigEndian.PutUint16(out[map[string]int{"Ethernet": 12, "SLL2": 0}[link.name]:], 0x86dd)
					return out
				}
			}
			t.Run(link.name+"/"+ip.name, func(t *testing.T) {
				packets := inForm(t, link.number, form, ip.wrap)
				r := testRewriter(t, "forms", Options{})
				out := rewriteAll(t, r, packets)
				sameReport(t, r, report(packets, 2), report(out, 2), 0)
				for i, p := range out {
					for _, says := range [][]byte{link.says, ip.says} {
						if says != nil && !bytes.Contains(packets[i].Data, says) {
							t.Fatalf("packet %d does not have %x", i+1, says)
						}
						if says != nil && bytes.Contains(p.Data, says) {
							t.Fatalf("packet %d still has %x", i+1, says)
						}
					}
				}
			})
		}
	}
}

// TestChecksums has gopacket verify those of packets without payload.
func TestChecksums(t *testing.T) {
	for _, ip := range []wrap{before(), toIPv6} {
		packets, _ := readPackets(t, twoPaths)
		for i := range packets {
			packets[i].Data = ip(packets[i].Data[14:])
			packets[i].Link, packets[i].Length = trace.Raw, len(packets[i].Data)
		}
		verified := 0
		for i, p := range rewriteAll(t, testRewriter(t, "checksums", Options{}), packets) {
			var s trace.Segment
			if err := s.Decode(&p); err != nil {
				t.Fatal(err)
			}
			whole := append(bytes.Clone(p.Data), make([]byte, s.PayloadLen)...) // of zeros
			layer := gopacket.Decoder(layers.LayerTypeIPv4)
			if s.Src.Addr().Is6() {
				layer = layers.LayerTypeIPv6
			}
			packet := gopacket.NewPacket(whole, layer, gopacket.Default)
			tcp, ok := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
			if !ok || tcp.SetNetworkLayerForChecksum(packet.NetworkLayer()) != nil {
				t.Fatalf("packet %d: gopacket sees no TCP", i+1)
			}
			if err, mismatches := packet.VerifyChecksums(); err != nil || len(mismatches) > 0 {
				t.Fatalf("packet %d: %v %v", i+1, err, mismatches)
			}
			verified++
		}
		if verified != len(packets) || verified == 0 {
			t.Errorf("%d of %d", verified, len(packets))
		}
	}
}

// TestCut: of what was cut off, nothing is made up.
func TestCut(t *testing.T) {
	packets, _ := readPackets(t, twoPaths)
	for snap := 54; snap < 100; snap++ {
		cut := slices.Clone(packets)
		for i := range cut {
			cut[i].Data = cut[i].Data[:min(len(cut[i].Data), snap)]
		}
		r := testRewriter(t, fmt.Sprint("cut", snap), Options{})
		out := rewriteAll(t, r, cut)
		if difference := reportDifference(t, r, report(cut, 2), report(out, 2), 0, true); difference != "" {
			t.Fatalf("cut to %d bytes:\n%s", snap, difference)
		}
	}
}
