package capture

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// compressions packs content in each way that is read.
func compressions(t testing.TB, content []byte) map[string][]byte {
	t.Helper()
	return map[string][]byte{"": content, "gzip": gzipped(t, content), "zstd": zstandard(t, content)}
}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, content []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(content, nil)
}

// manyPackets is a file of some 1.4 MB, so that records lie across all borders.
func manyPackets(t testing.TB) []byte {
	t.Helper()
	packets := make([]Packet, 20000)
	for i := range packets {
		data := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, i%37)
		packets[i] = Packet{Time: int64(i) * 1000, Interface: i % 2, Data: data, Length: len(data) + i%3}
	}
	return write(t, twoInterfaces, packets, nil)
}

// samePackets says how two readings differ.
func samePackets(a, b []Packet) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d packets and %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Time != b[i].Time || a[i].Interface != b[i].Interface || a[i].Length != b[i].Length || !bytes.Equal(a[i].Data, b[i].Data) {
			return fmt.Errorf("packet %d: %+v and %+v", i, a[i], b[i])
		}
	}
	return nil
}

// TestCompressed reads what the programs gzip and zstd make.
func TestCompressed(t *testing.T) {
	plain := manyPackets(t)
	_, want := readWhole(t, plain)
	half := len(plain) / 2
	for _, tt := range []struct {
		name, compression string
		pieces            [][]byte
		command           []string
	}{
		{"gzip", "gzip", [][]byte{plain}, []string{"gzip", "-c"}},
		{"gzip of two members", "gzip", [][]byte{plain[:half], plain[half:]}, []string{"gzip", "-9c"}},
		{"zstd", "zstd", [][]byte{plain}, []string{"zstd", "-qc"}},
		{"zstd of two frames", "zstd", [][]byte{plain[:half], plain[half:]}, []string{"zstd", "-qc", "-9"}},
		{"zstd with a long window", "zstd", [][]byte{plain}, []string{"zstd", "-qc", "--long=27"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var packed []byte
			for _, piece := range tt.pieces {
				packed = append(packed, pipe(t, piece, tt.command...)...)
			}
			f := openFile(t, saveAs(t, "packed", packed))
			got, err := readPackets(f)
			if err != io.EOF {
				t.Fatal(err)
			}
			if err := samePackets(want, got); err != nil {
				t.Error(err)
			}
			read, total := f.Position()
			if f.Compression() != tt.compression || read != int64(len(packed)) || total != read {
				t.Errorf("compressed by %q, %d bytes of %d", f.Compression(), read, total)
			}
		})
	}
}

// TestSkippableFrame has what parallel compressors put in front.
func TestSkippableFrame(t *testing.T) {
	plain := manyPackets(t)
	skippable := []byte{0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 'p', 'z', 's', 't'}
	f, got := readWhole(t, append(skippable, zstandard(t, plain)...))
	_, want := readWhole(t, plain)
	if err := samePackets(want, got); err != nil || f.Compression() != "zstd" {
		t.Errorf("%v, compressed by %q", err, f.Compression())
	}
}

// pipe has a program turn bytes into others.
func pipe(t testing.TB, in []byte, command ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(command[0])
	if err != nil {
		t.Skipf("missing: %v", err)
	}
	c := exec.Command(path, command[1:]...)
	c.Stdin, c.Stderr = bytes.NewReader(in), os.Stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	return out
}

// TestCloseEndsDecompression closes files in the middle.
func TestCloseEndsDecompression(t *testing.T) {
	before := runtime.NumGoroutine()
	for compression, content := range compressions(t, manyPackets(t)) {
		for range 10 {
			f, err := NewFile(bytes.NewReader(content), compression)
			if err != nil {
				t.Fatal(err)
			}
			var p Packet
			if err := f.Read(&p); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Read(&p); !errors.Is(err, os.ErrClosed) {
				t.Errorf("Read after Close: %v", err)
			}
		}
	}
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
