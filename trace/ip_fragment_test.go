package trace_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"allroads/trace"
)

// fragment cuts an IPv4 or IPv6 packet into its first fragment, with size bytes
// behind the IP header, and the rest. size is a multiple of eight.
func fragment(ip []byte, size int) (first, rest []byte) {
	if isIPv6(ip) {
		first = addHeader6(add16(ip[:40+size], 4, 40+size-len(ip)), 44, 0, 0, 0, 1, 0, 0, 0, 9)
		rest = add16(slices.Concat(ip[:40], ip[40+size:]), 4, -size)
		return first, addHeader6(rest, 44, 0, 0, byte(size>>8), byte(size), 0, 0, 0, 9)
	}
	first = put16(put16(ip[:20+size], 2, uint16(20+size)), 6, 0x2000)
	rest = slices.Concat(ip[:20], ip[20+size:])
	return first, put16(put16(rest, 2, uint16(len(rest))), 6, uint16(size/8))
}

func decodeRaw(ip []byte) (trace.Segment, error) {
	var s trace.Segment
	err := s.Decode(&trace.Packet{Link: trace.Raw, Length: len(ip), Data: ip})
	return s, err
}

// fragmented are packets with 100 bytes of options and payload, of both versions.
func fragmented() [][]byte {
	options := []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	return [][]byte{
		frame(four[0], four[1], 100, 200, trace.ACK, options, make([]byte, 88))[14:],
		frame(six[0], six[1], 100, 200, trace.ACK, options, make([]byte, 88))[14:],
	}
}

// TestFragments: of the first fragment the part that it has is known, of later
// ones nothing.
func TestFragments(t *testing.T) {
	for _, ip := range fragmented() {
		for size := 8; size < 120; size += 8 {
			first, rest := fragment(ip, size)
			if _, err := decodeRaw(rest); err != trace.ErrFragment {
				t.Errorf("from %d bytes on: %v", size, err)
			}
			s, err := decodeRaw(first)
			if size < 20 {
				if err != trace.ErrFragment {
					t.Errorf("%d bytes of a TCP header: %v", size, err)
				}
				continue
			}
			payload := max(size-32, 0)
			if err != nil || !s.Fragment || s.Seq != 100 || s.PayloadLen != payload || len(s.Payload) != payload ||
				s.OptionsCut != (size < 32) || len(s.Options) != min(size-20, 12) {
				t.Errorf("first fragment of %d bytes: %v, %+v", size, err, s)
			}
		}
	}
}

// TestFragmentHeaders are fragments with other headers than TCP's at their start.
func TestFragmentHeaders(t *testing.T) {
	six := fragmented()[1]
	fragmentHeader := []byte{0, 200, 0, 0, 0, 0, 0, 9} // The second byte is reserved.
	if s, err := decodeRaw(addHeader6(six, 44, fragmentHeader...)); err != nil || s.Fragment || len(s.Payload) != 88 {
		t.Errorf("reserved byte: %v, %+v", err, s)
	}
	options := addHeader6(six, 60, []byte{1: 3, 2: 1, 3: 28, 31: 0}...)
	first, _ := fragment(options, 16)
	if _, err := decodeRaw(first); err != trace.ErrFragment {
		t.Errorf("fragment that ends in an extension header: %v", err)
	}
	for protocol, want := range map[byte]error{
		6: trace.ErrFragment, 4: trace.ErrFragment, 41: trace.ErrFragment, 47: trace.ErrFragment, 51: trace.ErrFragment,
		43: trace.ErrFragment, 60: trace.ErrFragment, 17: trace.ErrNotTCP, 50: trace.ErrNotTCP, 58: trace.ErrNotTCP,
	} {
		_, rest := fragment(six, 8)
		rest[40] = protocol
		if _, err := decodeRaw(rest); err != want {
			t.Errorf("later fragment of protocol %d: %v", protocol, err)
		}
	}
}

// TestFragmentedTunnel: the packet in a fragmented one has a length of its own.
func TestFragmentedTunnel(t *testing.T) {
	for _, ip := range fragmented() {
		for _, form := range ipForms {
			outer := form.wrap(ip)
			if outer == nil {
				continue
			}
			s, err := decodeRaw(outer)
			if err != nil {
				t.Fatal(err)
			}
			if s.Tunnel == 0 || form.name == "IP in IPv4 with options" || form.name == "IP in IPv6 behind destination options" {
				continue
			}
			header := len(outer) - 120 - ipHeader(outer) // from the end of the outer one to TCP
			size := (header + 60) &^ 7
			first, rest := fragment(outer, size)
			if _, err := decodeRaw(rest); err != trace.ErrFragment {
				t.Errorf("%s, later fragment: %v", form.name, err)
			}
			s, err = decodeRaw(first)
			if there := size - header - 32; err != nil || s.Fragment || s.PayloadLen != 88 || len(s.Payload) != there {
				t.Errorf("%s, first fragment: %v, %+v, want %d bytes of 88", form.name, err, s, there)
			}
		}
	}
}

// TestFragmentOfUnknownLength: when not even the packet inside tells how long it
// is, what the fragment has is known.
func TestFragmentOfUnknownLength(t *testing.T) {
	for _, ip := range fragmented() {
		if isIPv6(ip) { // with a fragment header that says it is whole
			ip = addHeader6(ip, 44, 0, 0, 0, 0, 0, 0, 0, 9)
		}
		first, _ := fragment(in4(4, 41, nil)(zeroLength(ip)), 88)
		payload := 88 - (len(ip) - 88)
		if s, err := decodeRaw(first); err != nil || !s.Fragment || s.PayloadLen != payload || len(s.Payload) != payload {
			t.Errorf("%v, %+v", err, s)
		}
	}
}

func ipHeader(ip []byte) int {
	if isIPv6(ip) {
		return 40
	}
	return 20
}

// zeroLength makes an IP packet one that does not tell its length.
func zeroLength(ip []byte) []byte {
	if isIPv6(ip) {
		return put16(ip, 4, 0)
	}
	return put16(ip, 2, 0)
}

// TestSuperPackets are longer than an IP header can tell, and captured in part.
func TestSuperPackets(t *testing.T) {
	four, six := fragmented()[0], fragmented()[1]
	jumbo := addHeader6(six, 0, 0, 0, 0xc2, 4, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(jumbo[44:], 100_000)
	padded := addHeader6(six, 0, 0, 1, 0, 5, 2, 0, 0, 0, 1, 0, 0xc2, 4, 0, 1, 0x86, 0xa0)
	small, huge := slices.Clone(jumbo), slices.Clone(jumbo)
	binary.BigEndian.PutUint32(small[44:], 1<<16-1)
	binary.BigEndian.PutUint32(huge[44:], 1<<31)
	cases := []struct {
		name    string
		ip      []byte
		length  int
		payload int
		err     error
	}{
		{"IPv4", zeroLength(four), 100_020, 100_000 - 32, nil},
		{"IPv6", zeroLength(six), 100_040, 100_000 - 32, nil},
		{"IPv6 with a jumbo payload option", zeroLength(jumbo), 100_040, 100_000 - 8 - 32, nil},
		{"the same in a longer frame", zeroLength(jumbo), 100_060, 100_000 - 8 - 32, nil},
		{"jumbo payload option behind others", zeroLength(padded), 200_000, 100_000 - 16 - 32, nil},
		{"jumbo payload option of too little", zeroLength(small), 100_040, 100_000 - 8 - 32, nil},
		{"jumbo payload option of too much", zeroLength(huge), 100_040, 100_000 - 8 - 32, nil},
		{"length on the wire unknown", zeroLength(four), 0, 88, nil},
		{"jumbo payload option beside a length", jumbo, 100_040, 88, nil},
		{"in IPv4 with a length", in4(4, 41, nil)(zeroLength(four)), 140, 88, nil},
		{"in IPv4 without", zeroLength(in4(4, 41, nil)(zeroLength(six))), 100_060, 100_000 - 32, nil},
		{"jumbogram in a shorter packet", in4(4, 41, nil)(zeroLength(jumbo)), 200, 0, trace.ErrNotTCP},
	}
	for _, c := range cases {
		var s trace.Segment
		err := s.Decode(&trace.Packet{Link: trace.Raw, Length: c.length, Data: c.ip})
		if err != c.err || s.PayloadLen != c.payload || err == nil && (s.Fragment || len(s.Payload) != 88) {
			t.Errorf("%s: %v, %+v", c.name, err, s)
		}
	}
}
