package trace_test

import (
	"testing"

	"allroads/trace"

	"github.com/gopacket/gopacket/layers"
)

// TestLinkTypeOf compares the numbers with gopacket's names for them.
func TestLinkTypeOf(t *testing.T) {
	want := map[layers.LinkType]trace.LinkType{
		layers.LinkTypeNull: trace.Null, layers.LinkTypeEthernet: trace.Ethernet, layers.LinkTypePPP: trace.PPP,
		layers.LinkTypePPP_HDLC: trace.PPP, layers.LinkTypePPPEthernet: trace.PPPoE, layers.LinkTypeRaw: trace.Raw,
		layers.LinkTypeLoop: trace.Loop, layers.LinkTypeLinuxSLL: trace.SLL, layers.LinkTypeLinuxSLL2: trace.SLL2,
		layers.LinkTypeIPv4: trace.Raw, layers.LinkTypeIPv6: trace.Raw, 12: trace.Raw, 14: trace.Raw,
	}
	for number := range 1 << 16 {
		link, known := trace.LinkTypeOf(uint16(number))
		if expected, listed := want[layers.LinkType(number)]; known != listed || link != expected {
			t.Errorf("%d is %v, %v", number, link, known)
		}
	}
}

// TestUnknownLink: nothing is guessed about a link type that is not read.
func TestUnknownLink(t *testing.T) {
	p := trace.Packet{Data: ethernet(fragmented()[0]), Length: 200}
	known := 0
	for link := range 256 {
		p.Link = trace.LinkType(link)
		var s trace.Segment
		err := s.Decode(&p)
		unknown := p.Link.String() == "unknown link type"
		if unknown != (err == trace.ErrLinkType) {
			t.Errorf("%d, %v: %v", link, p.Link, err)
		}
		if !unknown {
			known++
		}
	}
	if known != int(trace.PPPoE)+1 {
		t.Errorf("%d link types are known", known)
	}
}

// TestNotIPOnLinks has each link announce something other than IP.
func TestNotIPOnLinks(t *testing.T) {
	packets := map[string]trace.Packet{
		"ARP":                   {Data: append(etherHeader(0x0806), make([]byte, 46)...)},
		"802.3":                 {Data: append(etherHeader(0x0026), make([]byte, 46)...)},
		"ARP in SLL":            {Link: trace.SLL, Data: append(make([]byte, 14), 8, 6, 0, 1)},
		"netlink in SLL2":       {Link: trace.SLL2, Data: make([]byte, 40)},
		"AppleTalk":             {Link: trace.Null, Data: []byte{16, 0, 0, 0, 1, 2, 3}},
		"IPv6 called IPv4":      {Link: trace.Loop, Data: append([]byte{0, 0, 0, 2}, fragmented()[1]...)},
		"LCP":                   {Link: trace.PPP, Data: []byte{0xff, 3, 0xc0, 0x21, 1, 1}},
		"Cisco SLARP":           {Link: trace.PPP, Data: []byte{0x8f, 0, 0x80, 0x35, 0, 0}},
		"PPPoE that is no data": {Link: trace.PPPoE, Data: []byte{0x11, 9, 0, 0, 0, 0, 0, 0x21}},
		"PPPoE version 2":       {Link: trace.PPPoE, Data: []byte{0x21, 0, 0, 0, 0, 0, 0, 0x21}},
		"IP version 5":          {Link: trace.Raw, Data: append([]byte{0x55}, make([]byte, 60)...)},
	}
	for name, p := range packets {
		p.Length = len(p.Data)
		var s trace.Segment
		if err := s.Decode(&p); err != trace.ErrNotTCP {
			t.Errorf("%s: %v", name, err)
		}
	}
}
