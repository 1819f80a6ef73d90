package capture

import (
	"bytes"
	"io"
	"os"
	"testing"
	"testing/iotest"
)

// TestFileSlowly has bytes come one by one, by halves, and with the end.
func TestFileSlowly(t *testing.T) {
	plain, _, _ := everything(t, "little")
	_, want := readWhole(t, plain)
	for compression, content := range compressions(t, plain) {
		for name, slow := range map[string]func(io.Reader) io.Reader{
			"one": iotest.OneByteReader, "half": iotest.HalfReader, "end": iotest.DataErrReader,
		} {
			f, err := NewFile(slow(bytes.NewReader(content)), "slow")
			if err != nil {
				t.Fatal(err)
			}
			got, err := readPackets(f)
			if err != io.EOF {
				t.Fatalf("%q %s: %v", compression, name, err)
			}
			if err := samePackets(want, got); err != nil {
				t.Errorf("%q %s: %v", compression, name, err)
			}
		}
	}
}

// TestFilePipe gives out each packet as it comes through a pipe, not only when
// the next one has come.
func TestFilePipe(t *testing.T) {
	r, w := io.Pipe()
	read := make(chan struct{})
	go func() {
		ng, err := NewWriter(w, twoInterfaces, 0)
		for _, p := range somePackets() {
			if err == nil {
				err = ng.Write(&p)
			}
			if err == nil {
				err = ng.Flush()
			}
			<-read
		}
		w.CloseWithError(err)
	}()
	f, err := NewFile(r, "pipe")
	if err != nil {
		t.Fatal(err)
	}
	var got []Packet
	for range somePackets() {
		var p Packet
		if err := f.Read(&p); err != nil {
			t.Fatal(err)
		}
		p.Data = bytes.Clone(p.Data)
		got = append(got, p)
		read <- struct{}{}
	}
	if err := f.Read(new(Packet)); err != io.EOF {
		t.Error(err)
	}
	if err := samePackets(somePackets(), got); err != nil {
		t.Error(err)
	}
	if _, total := f.Position(); total != -1 {
		t.Errorf("a pipe of %d bytes", total)
	}
}

// TestStandardInput reads what is left of standard input, and does not close it.
func TestStandardInput(t *testing.T) {
	const before = "read by somebody else"
	content := manyPackets(t)
	path := saveAs(t, "stdin", append([]byte(before), content...))
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Seek(int64(len(before)), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	stdin := os.Stdin
	os.Stdin = file
	t.Cleanup(func() { os.Stdin = stdin })
	f := openFile(t, "-")
	packets, err := readPackets(f)
	if err != io.EOF || len(packets) != 20000 {
		t.Errorf("%d packets, then %v", len(packets), err)
	}
	if read, total := f.Position(); read != int64(len(content)) || total != read {
		t.Errorf("%d bytes of %d", read, total)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := file.Stat(); err != nil {
		t.Error(err)
	}
}

// TestFilePosition moves while packets are read, and ends at the end.
func TestFilePosition(t *testing.T) {
	content := manyPackets(t)
	f := openFile(t, saveAs(t, "plain", content))
	var p Packet
	if err := f.Read(&p); err != nil {
		t.Fatal(err)
	}
	if read, total := f.Position(); read == 0 || read >= total || total != int64(len(content)) {
		t.Errorf("%d bytes of %d after a packet", read, total)
	}
	if _, err := readPackets(f); err != io.EOF {
		t.Fatal(err)
	}
	if read, total := f.Position(); read != total {
		t.Errorf("%d bytes of %d at the end", read, total)
	}
}

// TestFileOutOfOrder has a clock go backwards.
func TestFileOutOfOrder(t *testing.T) {
	f, packets := readWhole(t, timed('a', 5, 9, 7, 8, 9, 10, 1))
	if s := f.Stats(); s != (FileStats{Packets: 7, OutOfOrder: 3}) || packets[2].Time != 7 {
		t.Errorf("%+v", s)
	}
}

// TestFileAllocatesNothing reads files of all kinds.
func TestFileAllocatesNothing(t *testing.T) {
	ng := manyPackets(t)
	old := builder{order: orders["big"]}
	old.pcap(0xa1b2c3d4, 2, 4, 0, 1)
	for range 20000 {
		old.add32(1, 2, 60, 60)
		old.Write(make([]byte, 60))
	}
	for name, plain := range map[string][]byte{"pcapng": ng, "pcap": old.Bytes()} {
		for compression, content := range compressions(t, plain) {
			m := mergeOf(t, content, content)
			f, err := NewFile(bytes.NewReader(content), name)
			if err != nil {
				t.Fatal(err)
			}
			for what, read := range map[string]func(*Packet) error{"file": f.Read, "merge": m.Read} {
				var p Packet
				allocated := testing.AllocsPerRun(19000, func() {
					if err := read(&p); err != nil {
						t.Fatal(err)
					}
				})
				if allocated > 0 {
					t.Errorf("%s of %s %q: %v allocations a packet", what, name, compression, allocated)
				}
			}
		}
	}
}
