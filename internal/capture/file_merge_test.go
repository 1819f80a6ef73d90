package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// timed is a pcap file of packets at these times, in ns, numbered by their data.
func timed(name byte, times ...uint32) []byte {
	b := builder{order: orders["big"]}
	b.pcap(0xa1b23c4d, 2, 4, 0, 1)
	for n, at := range times {
		b.add32(0, at, 2, 2)
		b.Write([]byte{name, byte(n)})
	}
	return b.Bytes()
}

func mergeOf(t testing.TB, contents ...[]byte) *FileMerge {
	t.Helper()
	var files []*File
	for i, content := range contents {
		f, err := NewFile(bytes.NewReader(content), fmt.Sprintf("file %d", i))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	m := MergeFiles(files...)
	t.Cleanup(func() { m.Close() })
	return m
}

// TestMergeFiles has equal times, and a clock that goes backwards.
func TestMergeFiles(t *testing.T) {
	m := mergeOf(t, timed('a', 1, 5, 5, 3, 9), timed('b', 5, 6), timed('c'))
	packets, err := readPackets(m)
	if err != io.EOF {
		t.Fatal(err)
	}
	var got string
	for _, p := range packets {
		got += fmt.Sprintf("%s%d@%d/%d ", p.Data[:1], p.Data[1], p.Time, p.Interface)
	}
	if want := "a0@1/0 a1@5/0 a2@5/0 a3@3/0 b0@5/1 b1@6/1 a4@9/0 "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if s := m.Stats(); s != (FileStats{Packets: 7, OutOfOrder: 1}) {
		t.Errorf("%+v", s)
	}
	if read, total := m.Position(); read != 24*3+18*7 || total != -1 {
		t.Errorf("%d bytes of %d", read, total)
	}
	if _, err := readPackets(m); err != io.EOF {
		t.Errorf("again: %v", err)
	}
	if m.Close(); !errors.Is(m.Read(new(Packet)), os.ErrClosed) {
		t.Error("Read after Close")
	}
}

// TestMergeFilesNone merges nothing.
func TestMergeFilesNone(t *testing.T) {
	if _, err := readPackets(MergeFiles()); err != io.EOF {
		t.Error(err)
	}
}

// TestMergeFilesOrder has nothing lost, each file's order kept, and files in order
// make a whole in order.
func TestMergeFilesOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var contents [][]byte
		var all []uint32
		sorted := rapid.Bool().Draw(r, "sorted")
		for i := range rapid.IntRange(1, 6).Draw(r, "files") {
			times := rapid.SliceOfN(rapid.Uint32Range(0, 40), 0, 30).Draw(r, "times")
			if sorted {
				slices.Sort(times)
			}
			contents, all = append(contents, timed(byte(i), times...)), append(all, times...)
		}
		m := mergeOf(t, contents...)
		packets, err := readPackets(m)
		if err != io.EOF || len(packets) != len(all) {
			r.Fatalf("%d packets of %d, then %v", len(packets), len(all), err)
		}
		next := make([]byte, len(contents))
		backwards := uint64(0)
		newest := int64(0)
		for _, p := range packets {
			if file := p.Data[0]; p.Data[1] != next[file] || p.Interface != int(file) {
				r.Fatalf("packet %d of file %d, interface %d, want %d", p.Data[1], file, p.Interface, next[file])
			}
			next[p.Data[0]]++
			if p.Time < newest {
				backwards++
			}
			newest = max(newest, p.Time)
		}
		if s := m.Stats(); s.OutOfOrder != backwards || sorted && backwards > 0 {
			r.Fatalf("%+v, want %d out of order", s, backwards)
		}
	})
}

// TestMergeFilesDamaged reads on in the other files.
func TestMergeFilesDamaged(t *testing.T) {
	cut := timed('a', 1, 2, 3)
	cut = cut[:len(cut)-1]
	m := mergeOf(t, cut, timed('b', 1, 9), cut)
	packets, err := readPackets(m)
	if len(packets) != 6 || packets[5].Time != 9 {
		t.Errorf("%d packets", len(packets))
	}
	damage(t, err, 2)
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 2 {
		t.Errorf("%v", err)
	}
	_, err = readPackets(mergeOf(t, cut, timed('b', 1)))
	if _, ok := err.(*DamageError); !ok {
		t.Errorf("%v", err)
	}
}

// TestMergeFilesInterfaces numbers interfaces that come late.
func TestMergeFilesInterfaces(t *testing.T) {
	var contents [][]byte
	for n := range uint64(2) {
		b := builder{order: orders["little"]}
		b.section()
		for id := range uint64(2) {
			b.link(uint16(10*n+id), 0)
			b.enhanced(uint32(id), n+10*id, 0, nil)
		}
		b.block(blockStatistics, func(body *builder) {
			body.add32(1, 0, 0)
			body.options(b.number(optionDropped, n+1))
		})
		contents = append(contents, b.Bytes())
	}
	m := mergeOf(t, contents...)
	packets, err := readPackets(m)
	if err != io.EOF {
		t.Fatal(err)
	}
	want := []Packet{{Time: 0}, {Time: 1000, Interface: 1}, {Time: 10000, Interface: 2}, {Time: 11000, Interface: 3}}
	if diff := cmp.Diff(want, packets, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var got string
	for _, i := range m.Interfaces() {
		got += fmt.Sprintf("%s %d %d %t, ", i.File, i.Link, i.Drops, i.DropsKnown)
	}
	if want := "file 0 0 0 false, file 1 10 0 false, file 0 1 1 true, file 1 11 2 true, "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if s := m.Stats(); s != (FileStats{Packets: 4, Drops: 3}) {
		t.Errorf("%+v", s)
	}
}

// TestMergeFilesSameAsMergecap splits the sample by chance and merges it again.
func TestMergeFilesSameAsMergecap(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	run(t, "editcap", "-F", "nsecpcap", sample, plain)
	content, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := readPackets(openFile(t, plain))
	if err != io.EOF {
		t.Fatal(err)
	}
	parts := make([][]byte, 3)
	for i := range parts {
		parts[i] = slices.Clone(content[:pcapHeader])
	}
	at := pcapHeader
	last := int64(-1)
	i := 0
	for _, p := range whole {
		if p.Time != last { // Of equal times, mergecap takes the last file's.
			i = rand.IntN(len(parts))
		}
		last = p.Time
		end := at + pcapRecord + len(p.Data)
		parts[i] = append(parts[i], content[at:end]...)
		at = end
	}
	args := []string{"-F", "nsecpcap", "-w", filepath.Join(dir, "merged")}
	var files []*File
	for i, part := range parts {
		path := saveAs(t, fmt.Sprint(i), part)
		args, files = append(args, path), append(files, openFile(t, path))
	}
	run(t, "mergecap", args...)
	got, err := readPackets(MergeFiles(files...))
	if err != io.EOF {
		t.Fatal(err)
	}
	for i := range got {
		got[i].Interface = 0
	}
	if diff := cmp.Diff(tsharks(t, args[3]), linesOf(got)); diff != "" {
		t.Errorf("-mergecap +ours\n%s", diff)
	}
	if err := samePackets(whole, got); err != nil {
		t.Errorf("not what it was: %v", err)
	}
}
