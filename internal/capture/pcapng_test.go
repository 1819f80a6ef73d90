package capture

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// everything is a file of two sections, the second in the other byte order, with
// each kind of block.
func everything(t testing.TB, first string) (file []byte, want []Packet, interfaces []FileInterface) {
	t.Helper()
	b := builder{order: orders[first]}
	name := option{optionName, []byte("eth0")}
	b.section()
	b.link(1, 96, name, option{optionComment, []byte("a comment")}, option{optionResolution, []byte{9}})
	b.link(113, 0, option{optionDescription, []byte("any")})
	b.block(4, func(body *builder) { // names
		body.add16(1, 9)
		body.WriteString("\x7f\x00\x00\x01home\x00\x00\x00\x00")
		body.add16(0, 0)
	})
	b.enhanced(1, 1700000000_123456, 1500, []byte("first"), option{optionComment, []byte("x")}, b.number(optionDropCount, 3))
	b.block(10, func(body *builder) { // secrets
		body.add32(0x544c534b, 3*plainBytes)
		body.Write(bytes.Repeat([]byte("#\n"), 3*plainBytes/2))
	})
	b.enhanced(0, 1700000000_123456789, 6, []byte("second"))
	b.block(0xbad, func(body *builder) { body.add32(32473) }) // custom
	b.block(blockSimplePacket, func(body *builder) { body.add32(1000); body.Write(make([]byte, 96)) })
	b.block(blockOldPacket, func(body *builder) {
		body.add16(1, 4)
		body.add32(1700000001_000000>>32, 1700000001_000000&0xffffffff, 3, 70)
		body.WriteString("old")
	})
	b.block(blockOldPacket, func(body *builder) { body.add16(1, unknownDrops); body.add32(0, 5, 0, 70) })
	b.block(blockStatistics, func(body *builder) {
		body.add32(0, 0, 0)
		body.options(b.number(optionIfDropped, 1), b.number(optionDropped, 2), b.number(optionDelivered, 3))
	})
	b.block(blockStatistics, func(body *builder) {
		body.add32(0, 0, 0)
		body.options(b.number(optionIfDropped, 10), b.number(optionDropped, 20))
	})
	b.block(0x0badcafe, func(*builder) {})
	for other, order := range orders {
		if other != first {
			b.order = order
		}
	}
	b.section()
	b.link(276, 65535)
	b.enhanced(0, 1, 60, nil)
	want = []Packet{
		{1700000000_123456000, 1, []byte("first"), 1500},
		{1700000000_123456789, 0, []byte("second"), 6},
		{1700000000_123456789, 0, make([]byte, 96), 1000},
		{1700000001_000000000, 1, []byte("old"), 70},
		{5000, 1, nil, 70},
		{1000, 2, nil, 60},
	}
	interfaces = []FileInterface{
		{File: "whole", Name: "eth0", Link: 1, SnapLen: 96, Resolution: 1, Drops: 30, DropsKnown: true},
		{File: "whole", Description: "any", Link: 113, Resolution: time.Microsecond, Drops: 7, DropsKnown: true},
		{File: "whole", Link: 276, SnapLen: 65535, Resolution: time.Microsecond},
	}
	return b.Bytes(), want, interfaces
}

// TestPcapngBlocks reads each kind of block in both byte orders.
func TestPcapngBlocks(t *testing.T) {
	for first := range orders {
		content, want, interfaces := everything(t, first)
		f, got := readWhole(t, content)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: -want +got\n%s", first, diff)
		}
		if diff := cmp.Diff(interfaces, f.Interfaces()); diff != "" {
			t.Errorf("%s: interfaces: -want +got\n%s", first, diff)
		}
		if s := f.Stats(); s != (FileStats{Packets: 6, OutOfOrder: 2, Untimed: 1, Drops: 37}) {
			t.Errorf("%s: %+v", first, s)
		}
	}
}

// TestPcapngReadsWriter has all that the writer wrote come back.
func TestPcapngReadsWriter(t *testing.T) {
	want := somePackets()
	f, got := readWhole(t, write(t, twoInterfaces, want, []Stats{{Packets: 9, Drops: 2}, {Packets: 3}}))
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	for i, want := range twoInterfaces {
		if got := f.Interfaces()[i]; got.Name != want.Name || got.Link != 1 || got.SnapLen != MaxSnapLen || got.Resolution != 1 {
			t.Errorf("interface %d: %+v", i, got)
		}
	}
	if s := f.Stats(); s.Drops != 2 || !s.DropsKnown {
		t.Errorf("%+v", s)
	}
	f, _ = readWhole(t, write(t, twoInterfaces, want, []Stats{{Packets: 9, Drops: 2}}))
	if s := f.Stats(); s.Drops != 0 || s.DropsKnown {
		t.Errorf("dropped on either interface: %+v", s)
	}
}

// TestPcapngClock converts ticks of all kinds.
func TestPcapngClock(t *testing.T) {
	const second = int64(time.Second)
	binary := func(exponent byte) []byte { return []byte{0x80 | exponent} }
	for _, tt := range []struct {
		resolution []byte // nil: none said
		offset     int64
		ticks      uint64
		want       int64
		step       time.Duration
	}{
		{nil, 0, 1700000000_000001, 1700000000_000001000, 1000},
		{[]byte{6}, 0, 1700000000_000001, 1700000000_000001000, 1000},
		{[]byte{9}, 0, math.MaxInt64, math.MaxInt64, 1},
		{[]byte{0}, 0, 1700000000, 1700000000 * second, 1e9},
		{[]byte{3}, 0, 1700000000_001, 1700000000_001000000, 1e6},
		{[]byte{12}, 0, 17000000_000000000999, 17000000_000000000, 1},
		{[]byte{19}, 0, math.MaxUint64, 1844674407, 1},
		{binary(0), 0, 1700000000, 1700000000 * second, 1e9},
		{binary(10), 0, 1<<40 | 512, 1<<30*second + second/2, 976563},
		{binary(32), 0, 1700000000<<32 | 1<<31, 1700000000*second + second/2, 1},
		{binary(63), 0, 1<<63 | 1<<62, second + second/2, 1},
		{[]byte{6}, 1700000000, 5, 1700000000_000005000, 1000},
		{[]byte{6}, -5, 7_000000, 2 * second, 1000},
		{[]byte{6}, -5, 1_000000, -4 * second, 1000},
	} {
		for _, order := range orders {
			b := builder{order: order}
			b.section()
			options := []option{b.number(optionOffset, uint64(tt.offset))}
			if tt.resolution != nil {
				options = append(options, option{optionResolution, tt.resolution})
			}
			b.link(1, 0, options...)
			b.enhanced(0, tt.ticks, 0, nil)
			f, got := readWhole(t, b.Bytes())
			if got[0].Time != tt.want || f.Interfaces()[0].Resolution != tt.step {
				t.Errorf("%x, offset %d, %d: %d in steps of %d, want %d of %d", tt.resolution, tt.offset, tt.ticks,
					got[0].Time, f.Interfaces()[0].Resolution, tt.want, tt.step)
			}
		}
	}
}

// TestPcapngInterfacesGrow describes interfaces between packets.
func TestPcapngInterfacesGrow(t *testing.T) {
	b := builder{order: orders["little"]}
	b.section()
	for n := range uint32(3) {
		b.link(1, 0)
		b.enhanced(n, 1, 0, nil)
	}
	f, err := NewFile(&b, "growing")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		var p Packet
		if err := f.Read(&p); err != nil {
			t.Fatal(err)
		}
		if len(f.Interfaces()) != n+1 || p.Interface != n {
			t.Errorf("%d interfaces, a packet of %d", len(f.Interfaces()), p.Interface)
		}
	}
}
