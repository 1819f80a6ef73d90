package middlebox_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"testing"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// capturedFrames are those of a connection that two kernels had.
func capturedFrames(t *testing.T) (frames [][]byte) {
	t.Helper()
	file, err := os.Open("../../trace/testdata/two-paths.pcapng.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := pcapgo.NewNgReader(unzipped, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		frame, _, err := reader.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return frames
		}
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, frame)
	}
}

// TestCapture takes each kind of option out of a real connection, and compares
// what gopacket sees before and after.
func TestCapture(t *testing.T) {
	frames := capturedFrames(t)
	seen := map[wire.Subtype]uint64{}
	for subtype := range wire.SubtypeMPTCPRst + 1 {
		b := box(t, middlebox.Rule{Do: middlebox.Strip, Options: []wire.Subtype{subtype}})
		gone := []wire.Subtype{subtype}
		for i, frame := range frames {
			before, was := decode(t, frame)
			out, _ := b.Inspect(0, bytes.Clone(frame))
			after, is := decode(t, out)
			want := slices.DeleteFunc(slices.Clone(before.Options), func(o layers.TCPOption) bool { return isNOP(o) || carries(o, gone) })
			got := slices.DeleteFunc(slices.Clone(after.Options), isNOP)
			if !slices.EqualFunc(got, want, sameOption) || was != is || !bytes.Equal(before.Payload, after.Payload) {
				t.Errorf("packet %d without %v: %v, want %v; checksum right: %v, then %v", i+1, subtype, got, want, was, is)
			}
			if slices.ContainsFunc(before.Options, func(o layers.TCPOption) bool { return carries(o, gone) }) {
				seen[subtype]++
			}
		}
		if count(b) != seen[subtype] {
			t.Errorf("%v: counted %d, gopacket sees %d", subtype, count(b), seen[subtype])
		}
	}
	if seen[wire.SubtypeMPCapable] < 3 || seen[wire.SubtypeMPJoin] < 3 || seen[wire.SubtypeDSS] < 5 {
		t.Errorf("options in the capture: %v", seen)
	}
}

func isNOP(o layers.TCPOption) bool { return o.OptionType == layers.TCPOptionKindNop }

func sameOption(a, b layers.TCPOption) bool {
	return a.OptionType == b.OptionType && bytes.Equal(a.OptionData, b.OptionData)
}
