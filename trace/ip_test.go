package trace_test

import (
	"net/netip"
	"slices"
	"testing"

	"allroads/trace"
)

// routed puts a routing header in, whose last destination is fd00::99, or the
// first in its list for segment routing.
func routed(ip []byte, kind, left byte, addresses ...string) []byte {
	header := []byte{0, byte(2 * len(addresses)), kind, left, 0, 0, 0, 0}
	for _, address := range addresses {
		header = append(header, netip.MustParseAddr(address).AsSlice()...)
	}
	return addHeader6(ip, 43, header...)
}

// TestFinalDestination: a routing header has the packet's destination while
// there are stops before it (RFC 8200, section 8.1).
func TestFinalDestination(t *testing.T) {
	ip := fragmented()[1]
	cases := []struct {
		name string
		ip   []byte
		want string
	}{
		{"type 0", routed(ip, 0, 2, "fd00::98", "fd00::99"), "fd00::99"},
		{"type 2", routed(ip, 2, 1, "fd00::99"), "fd00::99"},
		{"segments", routed(ip, 4, 1, "fd00::99", "fd00::98"), "fd00::99"},
		{"no segments left", routed(ip, 4, 0, "fd00::99", "fd00::98"), "fd00::1"},
		{"unknown type", routed(ip, 99, 1, "fd00::99"), "fd00::1"},
	}
	for _, c := range cases {
		s, err := decodeRaw(c.ip)
		if err != nil || s.Dst != netip.AddrPortFrom(netip.MustParseAddr(c.want), 4321) || s.Src != six[0] {
			t.Errorf("%s: %v, %v > %v", c.name, err, s.Src, s.Dst)
		}
	}
}

// TestTooDeep: what is nested deeper than is followed is said to be so.
func TestTooDeep(t *testing.T) {
	four, six := fragmented()[0], fragmented()[1]
	tunnel := in4(4, 41, nil)
	extended := [][]byte{six}
	for i := range 9 {
		extended = append(extended, addHeader6(extended[i], 60, 0, 0, 1, 4, 0, 0, 0, 0))
	}
	cases := []struct {
		name string
		ip   []byte
		want error
	}{
		{"a tunnel", tunnel(four), nil},
		{"two tunnels", tunnel(tunnel(four)), trace.ErrTooDeep},
		{"GRE in IPv6 in IPv4", tunnel(in6(47, 47, greHeader(0, 0x0800))(four)), trace.ErrTooDeep},
		{"IP in Ethernet in GRE", in4(47, 47, greHeader(0, 0x6558))(ethernet(tunnel(six))), trace.ErrTooDeep},
		{"eight extension headers", extended[8], nil},
		{"nine extension headers", extended[9], trace.ErrTooDeep},
		{"UDP in a tunnel", tunnel(udp(four)), trace.ErrNotTCP},
		{"GRE version 1", in4(47, 47, []byte{0, 1, 8, 0})(four), trace.ErrNotTCP},
		{"GRE with routing", in4(47, 47, []byte{0x40, 0, 8, 0})(four), trace.ErrNotTCP},
		{"a packet longer than the GRE packet around it", add16(greTo4(0x2000)(four), 30, 1), trace.ErrNotTCP},
		{"a packet longer than the one around it", add16(tunnel(four), 22, 1), trace.ErrNotTCP},
		{"a packet longer than the Ethernet frame around it", add16(in4(47, 47, greHeader(0, 0x6558))(ethernet(four)), 40, 1), trace.ErrNotTCP},
		{"an IPv6 packet longer than the one around it", add16(tunnel(six), 24, 1), trace.ErrNotTCP},
		{"an extension header longer than the packet", addHeader6(six, 60, 0, 200, 1, 4, 0, 0, 0, 0), trace.ErrNotTCP},
		{"encrypted", addHeader6(six, 50, 0, 0, 1, 4, 0, 0, 0, 0), trace.ErrNotTCP},
	}
	for _, c := range cases {
		if _, err := decodeRaw(c.ip); err != c.want {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	tags := make([]uint16, 0, 18)
	for range 9 {
		tags = append(tags, 0x8100, 1)
	}
	var s trace.Segment
	if err := s.Decode(&trace.Packet{Data: tagged(tags...)(four), Length: 200}); err != trace.ErrTooDeep {
		t.Errorf("nine tags: %v", err)
	}
}

// TestHeaderLength: an IPv4 header of four words is none, even if a TCP header
// could be found behind it.
func TestHeaderLength(t *testing.T) {
	ip := frame(four[0], four[1], 1, 0x50505050, trace.ACK, nil, make([]byte, 20))[14:]
	ip[0] = 0x44
	if _, err := decodeRaw(ip); err != trace.ErrNotTCP {
		t.Error(err)
	}
}

func udp(ip []byte) []byte {
	out := slices.Clone(ip)
	out[9] = 17
	return out
}
