package capture

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPcapKinds reads each kind of pcap file in both byte orders.
func TestPcapKinds(t *testing.T) {
	frame := []byte(strings.Repeat("all roads", 7))
	for _, kind := range []struct {
		magic    uint32
		fraction uint32
		record   int
		want     int64
	}{
		{0xa1b2c3d4, 123456, 16, 4000000000_123456000},
		{0xa1b23c4d, 123456789, 16, 4000000000_123456789},
		{0xa1b2cd34, 123456, 24, 4000000000_123456000},
	} {
		for name, order := range orders {
			t.Run(fmt.Sprintf("%x-%s", kind.magic, name), func(t *testing.T) {
				b := builder{order: order}
				b.pcap(kind.magic, 2, 4, 96, 113)
				for n := range uint32(3) {
					b.add32(4000000000, kind.fraction, uint32(len(frame))-n, 1500+n)
					b.Write(make([]byte, kind.record-16))
					b.Write(frame[n:])
				}
				f, got := readWhole(t, b.Bytes())
				var want []Packet
				for n := range 3 {
					want = append(want, Packet{Time: kind.want, Data: frame[n:], Length: 1500 + n})
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				unit := time.Microsecond
				if kind.magic == 0xa1b23c4d {
					unit = time.Nanosecond
				}
				described := []FileInterface{{File: "whole", Link: 113, SnapLen: 96, Resolution: unit}}
				if diff := cmp.Diff(described, f.Interfaces()); diff != "" {
					t.Errorf("interfaces: -want +got\n%s", diff)
				}
				if s := f.Stats(); s != (FileStats{Packets: 3}) {
					t.Errorf("%+v", s)
				}
			})
		}
	}
}

// TestPcapOldLengths has versions that wrote the lengths of packets the other way round.
func TestPcapOldLengths(t *testing.T) {
	for _, tt := range []struct{ major, minor uint16 }{{2, 2}, {2, 3}, {543, 0}} {
		b := builder{order: orders["little"]}
		b.pcap(0xa1b2c3d4, tt.major, tt.minor, 68, 1)
		b.add32(1, 0, 1500, 4)
		b.WriteString("abcd")
		b.add32(2, 0, 4, 1500)
		b.WriteString("efgh")
		_, got := readWhole(t, b.Bytes())
		want := []Packet{{Time: 1e9, Data: []byte("abcd"), Length: 1500}, {Time: 2e9, Data: []byte("efgh"), Length: 1500}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("version %d.%d: -want +got\n%s", tt.major, tt.minor, diff)
		}
	}
}

// TestPcapSnapLenZero has a header without snap length, an empty packet, one as long
// as any may be, and one that is shorter than itself.
func TestPcapSnapLenZero(t *testing.T) {
	b := builder{order: orders["big"]}
	b.pcap(0xa1b2c3d4, 2, 4, 0, 1)
	b.add32(1, 0, 0, 60)
	b.add32(1, 0, MaxSnapLen, MaxSnapLen)
	b.Write(make([]byte, MaxSnapLen))
	b.add32(1, 0, 4, 0)
	b.WriteString("abcd")
	_, got := readWhole(t, b.Bytes())
	if len(got) != 3 || len(got[2].Data) != 4 || got[2].Length != 4 || len(got[0].Data) != 0 || got[0].Length != 60 || len(got[1].Data) != MaxSnapLen {
		t.Errorf("%d packets", len(got))
	}
}

// TestLongPackets has packets longer than any buffer, between short ones.
func TestLongPackets(t *testing.T) {
	b := builder{order: orders["little"]}
	b.pcap(0xa1b2c3d4, 2, 4, maxRecord, 1)
	var want []Packet
	for n, length := range []int{10, maxRecord, 0, 1 << 20, 60, 3 * plainBytes, 1} {
		data := bytes.Repeat([]byte{byte(n + 1)}, length)
		b.add32(uint32(n), 0, uint32(length), uint32(length))
		b.Write(data)
		want = append(want, Packet{Time: int64(n) * 1e9, Data: data, Length: length})
	}
	for compression, content := range compressions(t, b.Bytes()) {
		_, got := readWhole(t, content)
		same := len(got) == len(want)
		for i := 0; same && i < len(want); i++ {
			same = bytes.Equal(got[i].Data, want[i].Data) && got[i].Length == want[i].Length && got[i].Time == want[i].Time
		}
		if !same {
			t.Errorf("%q: %d packets, not those written", compression, len(got))
		}
	}
}
