package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

var twoInterfaces = []Interface{{Name: "eth0", Comment: "the cable"}, {Name: "wlan0"}}

// somePackets end on every residue of 4 bytes.
func somePackets() []Packet {
	frame := []byte(strings.Repeat("all roads", 7))
	const at = 1700000000_123456789
	return []Packet{
		{Time: at, Interface: 0, Data: frame, Length: len(frame)},
		{Time: at + 1, Interface: 1, Data: frame[:61], Length: 65000},
		{Time: at + 2e9, Interface: 0, Data: frame[:60], Length: 60},
		{Time: 1_000000001, Interface: 1, Data: frame[:58], Length: math.MaxInt32},
		{Time: math.MaxInt64, Interface: 1, Data: nil, Length: 0},
	}
}

// write makes a file in memory.
func write(t testing.TB, interfaces []Interface, packets []Packet, stats []Stats) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := NewWriter(&file, interfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range packets {
		if err := w.Write(&packets[i]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := w.Close(stats); err != nil {
			t.Fatal(err)
		}
	}
	return file.Bytes()
}

func TestWriterReadBack(t *testing.T) {
	want := somePackets()
	file := write(t, twoInterfaces, want, []Stats{{Packets: 9, Drops: 2}})
	updates := map[int]pcapgo.NgInterfaceStatistics{}
	reader, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{
		StatisticsCallback: func(i int, s pcapgo.NgInterfaceStatistics) { updates[i] = s },
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []Packet
	for {
		data, info, err := reader.ReadPacketData()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(data) == 0 {
			data = nil
		}
		got = append(got, Packet{Time: info.Timestamp.UnixNano(), Interface: info.InterfaceIndex, Data: data, Length: info.Length})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}

	section := pcapgo.NgSectionInfo{Hardware: runtime.GOARCH, OS: system(), Application: "allroads"}
	if diff := cmp.Diff(section, reader.SectionInfo()); diff != "" {
		t.Errorf("section: -want +got\n%s", diff)
	}
	for i, want := range twoInterfaces {
		got, err := reader.Interface(i)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != want.Name || got.Comment != want.Comment || got.LinkType != layers.LinkTypeEthernet ||
			got.TimestampResolution != 9 || got.SnapLength != MaxSnapLen {
			t.Errorf("interface %d: %+v", i, got)
		}
		comment := "2 of 9 packets were dropped on these interfaces together: eth0, wlan0"
		s, updated := updates[i]
		if !updated || s.Comment != comment || time.Since(s.LastUpdate).Abs() > time.Minute {
			t.Errorf("statistics of interface %d: %+v", i, s)
		}
	}
}

// brokenWriter takes a number of bytes, then fails as a full disk does.
type brokenWriter struct{ room int }

var errFull = errors.New("no space left")

func (w *brokenWriter) Write(b []byte) (int, error) {
	n := min(len(b), w.room)
	w.room -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func TestWriterErrorSurfaces(t *testing.T) {
	packet := Packet{Time: time.Now().UnixNano(), Data: make([]byte, 1000), Length: 1000}
	w, err := NewWriter(&brokenWriter{room: 300 << 10}, twoInterfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for range 1000 { // 1 MB
		if err := w.Write(&packet); errors.Is(err, errFull) {
			failed++
		} else if err != nil || failed > 0 {
			t.Fatalf("Write: %v after %d errors", err, failed)
		}
	}
	if failed == 0 {
		t.Error("Write hides the error")
	}
	for range 2 {
		if err := w.Close(nil); !errors.Is(err, errFull) {
			t.Errorf("Close: %v", err)
		}
	}
}

func TestWriterErrorSurfacesAtTheEnd(t *testing.T) {
	w, err := NewWriter(&brokenWriter{}, twoInterfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(&Packet{Time: time.Now().UnixNano()}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("Flush: %v", err)
	}
	if err := w.Close(nil); !errors.Is(err, errFull) {
		t.Errorf("Close: %v", err)
	}
}

func TestWriterRefuses(t *testing.T) {
	data := make([]byte, 200)
	now := time.Now().UnixNano()
	for _, tt := range []struct {
		packet Packet
		want   string
	}{
		{Packet{Time: now, Interface: 2, Data: data, Length: 200}, "interface 2: there are 2"},
		{Packet{Time: now, Interface: -1, Data: data, Length: 200}, "interface -1: there are 2"},
		{Packet{Time: now, Data: data, Length: 199}, "200 bytes of a frame of 199"},
		{Packet{Time: now, Data: make([]byte, 1001), Length: 1001}, "1001 bytes: the snap length is 1000"},
		{Packet{Time: -1, Data: data, Length: 200}, "1969-12-31 23:59:59.999999999 +0000 UTC: before 1970"},
	} {
		var file bytes.Buffer
		w, err := NewWriter(&file, twoInterfaces, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&tt.packet); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Write: %v, want %s", err, tt.want)
		}
		if err := w.Close(nil); err != nil || len(packetsOf(t, file.Bytes())) != 0 {
			t.Errorf("Close: %v, with a packet in the file or not", err)
		}
		if err := w.Write(&Packet{Time: now}); err == nil {
			t.Error("Write after Close")
		}
	}
	for _, tt := range []struct {
		interfaces []Interface
		snapLen    int
	}{
		{nil, 0},
		{twoInterfaces, -1},
		{twoInterfaces, MaxSnapLen + 1},
		{[]Interface{{Name: "a", Comment: strings.Repeat("x", 65536)}}, 0},
	} {
		if _, err := NewWriter(io.Discard, tt.interfaces, tt.snapLen); err == nil {
			t.Errorf("NewWriter takes %d interfaces and snap length %d", len(tt.interfaces), tt.snapLen)
		}
	}
}

func packetsOf(t *testing.T, file []byte) (lengths []int) {
	t.Helper()
	reader, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, _, err := reader.ReadPacketData()
		if err == io.EOF {
			return lengths
		}
		if err != nil {
			t.Fatal(err)
		}
		lengths = append(lengths, len(data))
	}
}

func TestWriterFlush(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file, twoInterfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	packet := somePackets()[0]
	if err := w.Write(&packet); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := packetsOf(t, file.Bytes()); len(got) != 1 || got[0] != len(packet.Data) {
		t.Errorf("packets of lengths %v after Flush", got)
	}
}

func TestWriteAllocatesNothing(t *testing.T) {
	w, err := NewWriter(io.Discard, twoInterfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	packet := somePackets()[0]
	allocated := testing.AllocsPerRun(10000, func() {
		if err := w.Write(&packet); err != nil {
			t.Fatal(err)
		}
	})
	if allocated > 0 {
		t.Errorf("%v allocations a packet", allocated)
	}
}

// TestWriterWholeBlocks looks at what the underlying writer gets at once.
func TestWriterWholeBlocks(t *testing.T) {
	var sizes []int
	w, err := NewWriter(writerFunc(func(b []byte) (int, error) {
		sizes = append(sizes, len(b))
		for rest := b; len(rest) > 0; {
			length := binary.LittleEndian.Uint32(rest[4:])
			if int(length) > len(rest) || binary.LittleEndian.Uint32(rest[length-4:]) != length {
				t.Fatalf("a block of %d in the last %d bytes of %d", length, len(rest), len(b))
			}
			rest = rest[length:]
		}
		return len(b), nil
	}), twoInterfaces, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		n := i * 131 % MaxSnapLen
		if err := w.Write(&Packet{Data: make([]byte, n), Length: n}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(&Packet{Data: make([]byte, MaxSnapLen), Length: MaxSnapLen}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err != nil || len(sizes) < 1000 {
		t.Errorf("%d writes, %v", len(sizes), err)
	}
	all := 0
	for _, size := range sizes {
		all += size
	}
	if int64(all) != w.Size() {
		t.Errorf("Size: %d, of %d", w.Size(), all)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
