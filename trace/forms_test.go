package trace_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"allroads/trace"
)

// ipPackets are IPv4 and IPv6 packets of a real capture, one of each length of
// TCP options, and of each some more flags.
func ipPackets(tb testing.TB) [][]byte {
	tb.Helper()
	var chosen [][]byte
	seen := map[int]bool{}
	for _, p := range capturedPackets(tb, twoPaths) {
		ip := p.Data[14:]
		kind := int(ip[32]) << 1 // by data offset, and whether there is payload
		if len(ip) > 20+int(ip[32]>>4)*4 {
			kind |= 1
		}
		if seen[kind] {
			continue
		}
		seen[kind] = true
		flagged := bytes.Clone(ip)
		flagged[33] |= byte(trace.URG | trace.ECE | trace.CWR)
		chosen = append(chosen, ip, toIPv6(ip), flagged, toIPv6(flagged))
	}
	if len(chosen) < 16 {
		tb.Fatalf("the capture has %d kinds of segments only", len(chosen)/4)
	}
	return chosen
}

// everyForm calls f with each packet in each form, and the segment in it as the
// plain packet has it.
func everyForm(t *testing.T, f func(t *testing.T, p trace.Packet, plain trace.Segment, link linkForm, form ipForm)) {
	t.Helper()
	for _, ip := range ipPackets(t) {
		plain := mustDecode(t, trace.Packet{Link: trace.Raw, Length: len(ip), Data: ip})
		for _, form := range ipForms {
			wrapped := form.wrap(ip)
			if wrapped == nil {
				continue
			}
			for _, link := range linkForms {
				if strings.HasSuffix(form.name, "of unknown length") && link.name == "Ethernet with padding" {
					continue // Such packets are too long for padding.
				}
				f(t, link.packet(wrapped), plain, link, form)
			}
		}
	}
}

func mustDecode(t *testing.T, p trace.Packet) trace.Segment {
	t.Helper()
	var s trace.Segment
	if err := s.Decode(&p); err != nil {
		t.Fatal(err)
	}
	return s
}

// describe writes what is the same in all forms.
func describe(s *trace.Segment) string {
	return fmt.Sprint(s.Src, s.Dst, s.Seq, s.Ack, s.Flags, s.Window, s.PayloadLen, s.Fragment)
}

// TestForms has the same segment in every link type, in other IP headers and in
// tunnels.
func TestForms(t *testing.T) {
	everyForm(t, func(t *testing.T, p trace.Packet, plain trace.Segment, link linkForm, form ipForm) {
		s := mustDecode(t, p)
		if describe(&s) != describe(&plain) || s.OptionsCut ||
			!bytes.Equal(s.Options, plain.Options) || !bytes.Equal(s.Payload, plain.Payload) {
			t.Errorf("%s, %s: %+v, want %+v", link.name, form.name, s, plain)
		}
		if err := outside(&s, link.name, form.name); err != nil {
			t.Errorf("%s, %s: %v", link.name, form.name, err)
		}
	})
}

// outside checks what the headers around the segment say.
func outside(s *trace.Segment, link, form string) error {
	var tunnel uint8
	switch {
	case strings.HasPrefix(form, "IP in"):
		tunnel = 4
		if s.Src.Addr().Is6() {
			tunnel = 41
		}
	case strings.HasSuffix(form, "GRE") || strings.HasPrefix(form, "GRE"):
		tunnel = 47
	}
	if s.Tunnel != tunnel {
		return fmt.Errorf("in tunnel %d, want %d", s.Tunnel, tunnel)
	}
	tagged := slices.Contains([]string{"802.1Q", "QinQ", "old QinQ", "three tags", "PPPoE in a VLAN"}, link)
	if want := tagged || form == "VLAN in Ethernet in GRE"; want != (s.VLAN == 42) || !want && s.VLAN != 0 {
		return fmt.Errorf("in VLAN %d", s.VLAN)
	}
	if want := link == "SLL2"; want != (s.Device == 17) || !want && s.Device != 0 {
		return fmt.Errorf("captured on %d", s.Device)
	}
	return nil
}

// TestCutForms cuts every form at every length: the segment is the same or less,
// by exactly what is missing, and never another one.
func TestCutForms(t *testing.T) {
	everyForm(t, func(t *testing.T, p trace.Packet, plain trace.Segment, link linkForm, form ipForm) {
		whole := p.Data
		segment := len(plain.Options) + len(plain.Payload) // behind the fixed header
		start := len(whole) - segment
		if link.name == "Ethernet with padding" {
			start -= 46
		}
		for snap := range len(whole) + 1 {
			if snap > start+200 && snap < len(whole)-60 {
				continue
			}
			p.Data = whole[:snap:snap]
			var s trace.Segment
			err := s.Decode(&p)
			if snap < start {
				if err != trace.ErrCut {
					t.Fatalf("%s, %s, %d of %d bytes: %v", link.name, form.name, snap, len(whole), err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s, %s, %d of %d bytes: %v", link.name, form.name, snap, len(whole), err)
			}
			there := min(snap-start, segment)
			options := min(there, len(plain.Options))
			if describe(&s) != describe(&plain) || s.OptionsCut != (options < len(plain.Options)) ||
				!bytes.Equal(s.Options, plain.Options[:options]) || !bytes.Equal(s.Payload, plain.Payload[:there-options]) {
				t.Fatalf("%s, %s, %d of %d bytes: %+v, want %+v", link.name, form.name, snap, len(whole), s, plain)
			}
		}
	})
}
