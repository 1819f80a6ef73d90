package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// openAndRead reads a file in memory up to its error.
func openAndRead(content []byte) (packets []Packet, err error) {
	f, err := NewFile(bytes.NewReader(content), "f")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readPackets(f)
}

// TestNoCapture has files that are none.
func TestNoCapture(t *testing.T) {
	for _, tt := range []struct{ content, want string }{
		{"", "the file is empty"},
		{"\xd4", "cut short in the file header"},
		{"\xd4\xc3\xb2\xa1\x02\x00", "cut short in the file header"},
		{"\x0a\x0d\x0d\x0a\x1c\x00", "cut short in the file header"},
		{"snoop\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x04", "no capture file (pcap or pcapng): it seems to be a snoop capture; editcap -F pcapng may convert it"},
		{"\xfd7zXZ\x00 and so on", "no capture file (pcap or pcapng): it seems to be compressed by xz; decompress it first"},
		{"Zażółć gęślą jaźń", `no capture file (pcap or pcapng): it seems to be text, "Zażółć gęś`},
		{"\x7fELF\x02\x01\x01\x00", "no capture file (pcap or pcapng): it begins with 7f 45 4c 46 02 01 01 00"},
		{"\xd4\xc3\xb2\xa1\x03\x00\x00\x00" + strings.Repeat("\x00", 16), "pcap version 3.0, not 2.4"},
		{string(gzipped(t, nil)), "nothing is in the gzip data"},
		{string(gzipped(t, gzipped(t, []byte("x")))), "no capture file (pcap or pcapng): it seems to be compressed by gzip; decompress it first"},
		{string(gzipped(t, []byte("hello"))[:12]), "gzip data cut short in the file header"},
		{"\x1f\x8b", "gzip data cut short in the file header"},
		{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff", "gzip data broken in the file header: flate: corrupt input before offset 1"},
		{"\x28\xb5\x2f\xfd", "zstd data cut short in the file header"},
	} {
		_, err := openAndRead([]byte(tt.content))
		d := damage(t, err, 0)
		if !strings.HasPrefix(d.What, tt.want) || !strings.HasPrefix(err.Error(), "read capture file f: "+tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}

// TestNoFile has the kernel's own errors.
func TestNoFile(t *testing.T) {
	if _, err := OpenFile(t.TempDir() + "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	directory := t.TempDir()
	_, err := OpenFile(directory)
	if want := "read capture file " + directory + ": name a file in it: is a directory"; !errors.Is(err, syscall.EISDIR) || err.Error() != want && runtime.GOOS == "linux" {
		t.Errorf("directory: %v", err)
	}
}

func TestNoPermission(t *testing.T) {
	path := saveAs(t, "secret", manyPackets(t))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if file, err := os.Open(path); err == nil {
		file.Close()
		t.Skip("whoever runs this may read everything")
	}
	_, err := OpenFile(path)
	if want := "read capture file: open " + path + ": permission denied"; !errors.Is(err, fs.ErrPermission) || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

type failing struct{ io.Reader }

func (f failing) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if err == io.EOF {
		err = syscall.EIO
	}
	return n, err
}

// TestReadFails has a disk fail in the middle, which is no damage of the file.
func TestReadFails(t *testing.T) {
	plain := manyPackets(t)
	for compression, content := range compressions(t, plain) {
		f, err := NewFile(failing{bytes.NewReader(content[:len(content)/2])}, "f")
		if err != nil {
			t.Fatal(err)
		}
		packets, err := readPackets(f)
		if len(packets) == 0 || !errors.Is(err, syscall.EIO) || errors.As(err, new(*DamageError)) {
			t.Errorf("%q: %d packets, then %v", compression, len(packets), err)
		}
		if err := f.Read(new(Packet)); !errors.Is(err, syscall.EIO) {
			t.Errorf("again: %v", err)
		}
	}
}

// TestTruncated cuts files at every byte: what is whole before is read, and
// nothing else.
func TestTruncated(t *testing.T) {
	old := builder{order: orders["big"]}
	old.pcap(0xa1b2c3d4, 2, 4, 100, 1)
	ends := map[int]int{24: 0} // packets before where it ends well
	for n := range 3 {
		old.add32(uint32(n), 0, 5, 5)
		old.WriteString("bytes")
		ends[old.Len()] = n + 1
	}
	truncate(t, old.Bytes(), ends)

	ng := builder{order: orders["big"]}
	ng.section()
	ends = map[int]int{ng.Len(): 0}
	ng.link(1, 0)
	ends[ng.Len()] = 0
	for n := range 3 {
		ng.enhanced(0, uint64(n), 5, []byte("bytes"))
		ends[ng.Len()] = n + 1
		ng.block(0xbad, func(body *builder) { body.add32(1, 2, 3) })
		ends[ng.Len()] = n + 1
	}
	truncate(t, ng.Bytes(), ends)
}

func truncate(t *testing.T, content []byte, ends map[int]int) {
	t.Helper()
	complete, start := 0, 0
	for length := 1; length <= len(content); length++ {
		packets, err := openAndRead(content[:length])
		count, well := ends[length]
		if well {
			complete, start = count, length
			if err != io.EOF || len(packets) != count {
				t.Errorf("%d bytes: %d packets, want %d, then %v", length, len(packets), count, err)
			}
			continue
		}
		d := damage(t, err, complete)
		if len(packets) != complete || d.Offset != int64(start) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %d packets, want %d, then %v, want at byte %d", length, len(packets), complete, err, start)
		}
	}
}

// TestTruncatedCompressed cuts compressed files: a prefix of the packets is read.
func TestTruncatedCompressed(t *testing.T) {
	plain := manyPackets(t)
	_, want := readWhole(t, plain)
	for _, compression := range []string{"gzip", "zstd"} {
		content := compressions(t, plain)[compression]
		read := 0
		for length := 1000; length < len(content); length += len(content) / 20 {
			packets, err := openAndRead(content[:length])
			d := damage(t, err, len(packets))
			if !errors.Is(err, io.ErrUnexpectedEOF) || d.Compression != compression {
				t.Errorf("%v", err)
			}
			if len(packets) < read {
				t.Errorf("%s: %d packets of %d bytes, more of less", compression, len(packets), length)
			}
			if read = len(packets); read > len(want) {
				t.Fatalf("%d packets", read)
			}
			if err := samePackets(want[:read], packets); err != nil {
				t.Error(err)
			}
		}
		if read < len(want)/2 {
			t.Errorf("%s: %d packets of %d, when little is cut off", compression, read, len(want))
		}
	}
}

// TestTrailingRubbish is behind the end of compressed data.
func TestTrailingRubbish(t *testing.T) {
	plain := manyPackets(t)
	for _, compression := range []string{"gzip", "zstd"} {
		packets, err := openAndRead(append(compressions(t, plain)[compression], "lots of rubbish"...))
		if d := damage(t, err, 20000); len(packets) != 20000 || !strings.Contains(d.What, compression+" data broken in what follows: ") {
			t.Errorf("%d packets, then %v", len(packets), err)
		}
	}
}

// TestBroken breaks one thing each.
func TestBroken(t *testing.T) {
	section := func(b *builder) { b.section(); b.link(1, 0); b.enhanced(0, 1, 0, nil) }
	for _, tt := range []struct {
		want    string
		packets int
		make    func(b *builder)
	}{
		{"a packet of 262145 bytes, more than 262144", 0, func(b *builder) {
			b.pcap(0xa1b2c3d4, 2, 4, 0, 1)
			b.add32(0, 0, 262145, 262145)
		}},
		{"a packet of 4294967295 bytes, more than 16777216", 0, func(b *builder) {
			b.pcap(0xa1b2c3d4, 2, 4, 1<<31, 1)
			b.add32(0, 0, 1<<32-1, 1<<32-1)
		}},
		{"a section header without byte order, 01 02 03 04", 0, func(b *builder) {
			b.add32(blockSection, 28)
			b.WriteString("\x01\x02\x03\x04 and so on, to 28 bytes")
		}},
		{"pcapng version 2.0, not 1.0", 0, func(b *builder) {
			b.block(blockSection, func(body *builder) { body.add32(byteOrderMagic); body.add16(2, 0); body.add32(0, 0) })
		}},
		{"a section header of 24 bytes", 0, func(b *builder) {
			b.block(blockSection, func(body *builder) { body.add32(byteOrderMagic, 1, 0) })
		}},
		{"interface 1, when 1 are described", 1, func(b *builder) { section(b); b.enhanced(1, 1, 0, nil) }},
		{"interface 0, when 0 are described", 1, func(b *builder) { section(b); b.section(); b.enhanced(0, 1, 0, nil) }},
		{"interface 0, when 0 are described", 0, func(b *builder) {
			b.section()
			b.block(blockSimplePacket, func(body *builder) { body.add32(0) })
		}},
		{"interface 9, when 1 are described", 1, func(b *builder) {
			section(b)
			b.block(blockStatistics, func(body *builder) { body.add32(9, 0, 0) })
		}},
		{"a block of 8 bytes, not a multiple of 4 from 12 on", 1, func(b *builder) { section(b); b.add32(blockPacket, 8, 8) }},
		{"a block of 33 bytes, not a multiple of 4 from 12 on", 1, func(b *builder) { section(b); b.add32(blockPacket, 33, 0) }},
		{"a block of 0 bytes, not a multiple of 4 from 12 on", 1, func(b *builder) { section(b); b.add32(77, 0, 0) }},
		{"a block of 12 bytes by its head, of 16 by its end", 1, func(b *builder) { section(b); b.add32(77, 12, 16) }},
		{"a block of 12 bytes by its head, of 16 by its end", 1, func(b *builder) { section(b); b.add32(blockPacket, 12, 16) }},
		{"a packet block of 12 bytes", 1, func(b *builder) { section(b); b.add32(blockPacket, 12, 12) }},
		{"a packet block of 12 bytes", 1, func(b *builder) { section(b); b.add32(blockSimplePacket, 12, 12) }},
		{"a block of 4294967292 bytes, more than 16842752", 1, func(b *builder) { section(b); b.add32(blockPacket, 1<<32-4, 0) }},
		{"cut short in a block", 1, func(b *builder) { section(b); b.add32(77, 1<<32-4, 0) }},
		{"a packet of 100 bytes in a block of 32", 1, func(b *builder) {
			section(b)
			b.block(blockPacket, func(body *builder) { body.add32(0, 0, 0, 100, 100) })
		}},
		{"a packet of 100 bytes in a block of 16", 1, func(b *builder) {
			section(b)
			b.block(blockSimplePacket, func(body *builder) { body.add32(100) })
		}},
		{"a packet at time 0xffffffffffffffff, after 2262", 1, func(b *builder) { section(b); b.enhanced(0, 1<<64-1, 0, nil) }},
		{"an interface description of 16 bytes", 1, func(b *builder) {
			section(b)
			b.block(blockInterface, func(body *builder) { body.add32(1) })
		}},
		{"an interface description with an option longer than itself", 1, func(b *builder) {
			section(b)
			b.block(blockInterface, func(body *builder) { body.add32(1, 0); body.add16(2, 400) })
		}},
		{"interface statistics with an option longer than themselves", 1, func(b *builder) {
			section(b)
			b.block(blockStatistics, func(body *builder) { body.add32(0, 0, 0); body.add16(2, 400) })
		}},
		{"an interface with option 9 of 2 bytes", 1, func(b *builder) { section(b); b.link(1, 0, option{optionResolution, []byte{9, 9}}) }},
		{"an interface with option 14 of 4 bytes", 1, func(b *builder) { section(b); b.link(1, 0, option{optionOffset, []byte{1, 2, 3, 4}}) }},
		{"an interface with a time resolution of 0x14, finer than 64 bits hold", 1, func(b *builder) { section(b); b.link(1, 0, option{optionResolution, []byte{20}}) }},
		{"an interface with a time resolution of 0xc0, finer than 64 bits hold", 1, func(b *builder) { section(b); b.link(1, 0, option{optionResolution, []byte{0xc0}}) }},
		{"an interface with times from -9223372036854775808 seconds on", 1, func(b *builder) { section(b); b.link(1, 0, b.number(optionOffset, 1<<63)) }},
	} {
		for name, order := range orders {
			b := builder{order: order}
			tt.make(&b)
			packets, err := openAndRead(b.Bytes())
			d := damage(t, err, tt.packets)
			if d.What != tt.want || len(packets) != tt.packets {
				t.Errorf("%s: %d packets, then %v, want %s", name, len(packets), err, tt.want)
			}
			if want := fmt.Sprintf(", at byte %d, 1 packets before it were read", d.Offset); tt.packets > 0 && !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}

// TestInterfacesBounded bounds what a file has us remember.
func TestInterfacesBounded(t *testing.T) {
	b := builder{order: orders["little"]}
	b.section()
	for range maxInterfaces + 1 {
		b.link(1, 0, option{optionName, bytes.Repeat([]byte("x"), 300)})
	}
	f, err := NewFile(&b, "f")
	if err != nil {
		t.Fatal(err)
	}
	_, err = readPackets(f)
	damage(t, err, 0)
	if len(f.Interfaces()) != maxInterfaces || len(f.Interfaces()[7].Name) != maxText {
		t.Errorf("%d interfaces", len(f.Interfaces()))
	}
}

// TestHostileLengths says long and is short: memory is for what is there.
func TestHostileLengths(t *testing.T) {
	b := builder{order: orders["little"]}
	b.pcap(0xa1b2c3d4, 2, 4, maxRecord, 1)
	b.add32(0, 0, maxRecord, maxRecord)
	content := b.Bytes() // The rest of the packet is missing.
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := openAndRead(content)
	runtime.ReadMemStats(&after)
	damage(t, err, 0)
	if got := after.TotalAlloc - before.TotalAlloc; got > plainBytes+256<<10 {
		t.Errorf("%d bytes allocated", got)
	}
}
