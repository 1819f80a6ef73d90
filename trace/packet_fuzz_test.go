package trace_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"allroads/trace"
)

// FuzzDecode has any bytes be a packet of any link type, cuts them at snap, and
// puts what is an IP packet into a VLAN and into a tunnel.
func FuzzDecode(f *testing.F) {
	ip := capturedPackets(f, twoPaths)[0].Data[14:]
	for i, link := range linkForms {
		p := link.packet(ipForms[i%2*13].wrap(ip)) // plain, or in a tunnel
		f.Add(p.Data, p.Length, byte(p.Link), uint16(90))
	}
	f.Add(allExtensions(toIPv6(ip)), 400, byte(trace.Raw), uint16(100))
	f.Add(addHeader6(put16(toIPv6(ip), 4, 0), 0, 0, 0, 0xc2, 4, 0, 1, 0, 0), 1<<17, byte(trace.Raw), uint16(50))
	f.Fuzz(func(t *testing.T, data []byte, length int, link byte, snap uint16) {
		p := trace.Packet{Data: data, Length: max(length, len(data)), Link: trace.LinkType(link)}
		var s trace.Segment
		err := s.Decode(&p)
		checkSegment(t, &s, err)
		checkCut(t, p, int(snap), &s, err)
		if p.Link == trace.Raw && len(data) > 0 && (data[0]>>4 == 4 || data[0]>>4 == 6) {
			checkWrapped(t, p, &s, err)
		}
	})
}

func checkSegment(t *testing.T, s *trace.Segment, err error) {
	if err != nil {
		if !reflect.DeepEqual(*s, trace.Segment{}) {
			t.Errorf("%v leaves %+v", err, s)
		}
		return
	}
	if s.PayloadLen < 0 || len(s.Payload) > s.PayloadLen || len(s.Options) > 40 || s.OptionsCut && len(s.Payload) > 0 {
		t.Errorf("%d bytes of payload, of which %d are there, behind %d of options", s.PayloadLen, len(s.Payload), len(s.Options))
	}
	if s.Src.Addr().Is4() != s.Dst.Addr().Is4() || !s.Src.IsValid() {
		t.Errorf("from %v to %v", s.Src, s.Dst)
	}
}

// checkCut cuts a packet: it is less than before, or cut, but nothing else.
func checkCut(t *testing.T, p trace.Packet, snap int, whole *trace.Segment, wholeErr error) {
	p.Data = p.Data[:min(snap, len(p.Data))]
	var s trace.Segment
	if err := s.Decode(&p); err != nil {
		if err != wholeErr && err != trace.ErrCut {
			t.Errorf("%d bytes are: %v; all: %v", snap, err, wholeErr)
		}
		return
	}
	if wholeErr != nil || describe(&s) != describe(whole) ||
		!bytes.HasPrefix(whole.Options, s.Options) || !bytes.HasPrefix(whole.Payload, s.Payload) {
		t.Errorf("%d bytes are %+v; all are %+v, %v", snap, s, whole, wholeErr)
	}
}

// checkWrapped puts an IP packet into a VLAN and, if it is captured in whole and
// not in a tunnel yet, into each tunnel.
func checkWrapped(t *testing.T, p trace.Packet, bare *trace.Segment, bareErr error) {
	ways := map[string]wrap{"VLAN": tagged(0x8100, 1)}
	if bareErr == nil && bare.Tunnel == 0 && p.Length == len(p.Data) && len(bare.Payload) == bare.PayloadLen && !bare.OptionsCut && len(p.Data) < 60000 {
		ways["IPv4"], ways["IPv6"] = around(in4(4, 41, nil)), around(in6(4, 41, nil))
		ways["GRE"] = around(greTo4(0xb000))
	}
	for name, way := range ways {
		data := way(slices.Clone(p.Data))
		var s trace.Segment
		err := s.Decode(&trace.Packet{Data: data, Length: p.Length + len(data) - len(p.Data)})
		if err != bareErr || describe(&s) != describe(bare) {
			t.Errorf("in %s: %v %+v; bare: %v %+v", name, err, s, bareErr, bare)
		}
	}
}
