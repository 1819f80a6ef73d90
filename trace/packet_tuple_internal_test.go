package trace

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

// packetBetween is a TCP packet between two ends.
func packetBetween(src, dst netip.AddrPort) *Packet {
	var b []byte
	if src.Addr().Is4() {
		b = append(b, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0)
	} else {
		b = append(b, 0x60, 0, 0, 0, 0, 20, 6, 64)
	}
	b = append(append(b, src.Addr().AsSlice()...), dst.Addr().AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = append(b, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 16, 0, 0, 0, 0, 0, 0)
	return &Packet{Link: Raw, Length: len(b), Data: b}
}

// someFlows differ in one thing each, or have two swapped, both ways.
func someFlows(t *testing.T) []*Segment {
	t.Helper()
	var segments []*Segment
	for _, ends := range [][2]string{
		{"10.0.0.1:1", "10.0.0.2:2"}, {"10.0.0.1:2", "10.0.0.2:1"}, {"10.0.0.1:1", "10.0.0.2:3"},
		{"10.0.0.3:1", "10.0.0.2:2"}, {"10.0.0.1:1", "10.0.0.1:2"}, {"10.0.0.1:2", "10.0.0.1:2"},
		{"[::10.0.0.1]:1", "[::10.0.0.2]:2"}, {"[::ffff:10.0.0.1]:1", "[::ffff:10.0.0.2]:2"},
		{"[fd00::1]:1", "[fd00::2]:2"}, {"[fd00::1]:2", "[fd00::2]:1"}, {"[fd00:0:0:1::1]:1", "[fd00::2]:2"},
		{"[fd00::1]:1", "[fd00:0:0:1::2]:2"}, {"[1::fd00]:1", "[fd00::1]:2"},
	} {
		a, b := netip.MustParseAddrPort(ends[0]), netip.MustParseAddrPort(ends[1])
		for _, p := range []*Packet{packetBetween(a, b), packetBetween(b, a)} {
			s := new(Segment)
			if err := s.Decode(p); err != nil {
				t.Fatal(err)
			}
			segments = append(segments, s)
		}
	}
	return segments
}

// TestTuple: it tells apart what the addresses and ports tell apart, and
// reversed it is that of the other direction.
func TestTuple(t *testing.T) {
	seeds := [2]uint64{0x9e3779b97f4a7c15, 0xd1b54a32d192ed03}
	segments := someFlows(t)
	for _, a := range segments {
		for _, b := range segments {
			same, reverse := a.Src == b.Src && a.Dst == b.Dst, a.Src == b.Dst && a.Dst == b.Src
			if got := a.tuple == b.tuple; got != same {
				t.Errorf("%v > %v and %v > %v: %v", a.Src, a.Dst, b.Src, b.Dst, got)
			}
			if got := a.tuple == b.tuple.reverse(); got != reverse {
				t.Errorf("%v > %v and reverse %v > %v: %v", a.Src, a.Dst, b.Src, b.Dst, got)
			}
			if got := a.tuple.hash(&seeds) == b.tuple.hash(&seeds); got != (same || reverse) {
				t.Errorf("hash of %v > %v and of %v > %v: %v", a.Src, a.Dst, b.Src, b.Dst, got)
			}
		}
	}
}

// TestTupleHashSpreads counts what falls into the same of 2^16 places, by the
// low bits and by the high ones, among flows that differ in few bits.
func TestTupleHashSpreads(t *testing.T) {
	seeds := [2]uint64{0x9e3779b97f4a7c15, 0xd1b54a32d192ed03}
	var low, high [1 << 16]uint8
	for i := range uint64(1 << 16) {
		flow := tuple{src: [2]uint64{0, 0x0a000000 + i>>14}, dst: [2]uint64{0, 0x0a000101}, ports: i<<16&0xffff0000 | 443}
		hash := flow.hash(&seeds)
		low[hash&0xffff]++
		high[hash>>48]++
	}
	for name, places := range map[string]*[1 << 16]uint8{"low": &low, "high": &high} {
		empty, fullest := 0, uint8(0)
		for _, n := range places {
			fullest = max(fullest, n)
			if n == 0 {
				empty++
			}
		}
		// A random function leaves 1/e of the places empty, 24,109 ± 100.
		if empty < 23_000 || empty > 25_200 || fullest > 14 {
			t.Errorf("%s bits: %d places empty, up to %d in one", name, empty, fullest)
		}
	}
}

// BenchmarkTuple is what it costs to find a flow's key and hash it, beside what
// a map does with the addresses.
func BenchmarkTuple(b *testing.B) {
	src, dst := netip.MustParseAddrPort("10.0.0.1:1"), netip.MustParseAddrPort("10.0.0.2:2")
	var s Segment
	if err := s.Decode(packetBetween(src, dst)); err != nil {
		b.Fatal(err)
	}
	b.Run("hash", func(b *testing.B) {
		seeds, sum := [2]uint64{1, 2}, uint64(0)
		for b.Loop() {
			sum += s.tuple.hash(&seeds)
			s.Seq++
		}
		if sum == 0 {
			b.Error("the hash is nothing")
		}
	})
	b.Run("map", func(b *testing.B) {
		flows := map[[2]netip.AddrPort]int{{src, dst}: 1}
		for b.Loop() {
			key := [2]netip.AddrPort{s.Src, s.Dst}
			if key[0].Compare(key[1]) > 0 {
				key[0], key[1] = key[1], key[0]
			}
			if flows[key] != 1 {
				b.Fatal("no such flow")
			}
		}
	})
}
