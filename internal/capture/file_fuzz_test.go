package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
)

// FuzzPcap reads what may be a pcap file.
func FuzzPcap(f *testing.F) {
	for _, order := range orders {
		for _, magic := range []uint32{0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34} {
			b := builder{order: order}
			b.pcap(magic, 2, 4, 100, 1)
			b.add32(1, 2, 24, 60)
			b.Write(make([]byte, 24+8)) // which is enough for the longer records
			b.add32(1, 2, 0, 60)
			f.Add(b.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) { fuzzRead(t, content) })
}

// FuzzPcapng reads what may be a pcapng file.
func FuzzPcapng(f *testing.F) {
	for _, order := range orders {
		b := builder{order: order}
		b.section()
		b.link(1, 96, option{optionName, []byte("lo")}, option{optionResolution, []byte{0x8a}}, b.number(optionOffset, 7))
		b.enhanced(0, 1<<33, 60, []byte("abc"), b.number(optionDropCount, 3))
		b.block(blockSimplePacket, func(body *builder) { body.add32(4, 5) })
		b.block(blockOldPacket, func(body *builder) { body.add32(0, 0, 0, 4, 5, 6) })
		b.block(blockStatistics, func(body *builder) { body.add32(0, 0, 0); body.options(b.number(optionDropped, 1)) })
		b.block(0xbad, func(body *builder) { body.add32(1) })
		b.section()
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, content []byte) { fuzzRead(t, content) })
}

// FuzzCompressed reads what may be a compressed file.
func FuzzCompressed(f *testing.F) {
	for _, content := range compressions(f, timed('a', 1, 2, 3)) {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := NewFile(bytes.NewReader(content), "f")
		if err == nil {
			defer file.Close()
		}
		var p Packet
		for n := 0; err == nil && n < 10000; n++ { // Much may be in little.
			err = file.Read(&p)
		}
		if err != nil && err != io.EOF && !errors.As(err, new(*DamageError)) {
			t.Errorf("%v is no *DamageError", err)
		}
	})
}

// fuzzRead reads a file at once and byte by byte, and as one of two in a merge,
// which has to come to the same.
func fuzzRead(t *testing.T, content []byte) {
	if compressionOf(content) != "" {
		return
	}
	packets, err := readLimited(t, bytes.NewReader(content), len(content)+1)
	again, errAgain := readLimited(t, iotest.OneByteReader(bytes.NewReader(content)), len(content)+1)
	if different := samePackets(packets, again); different != nil || fmt.Sprint(err) != fmt.Sprint(errAgain) {
		t.Fatalf("%v, %v; slowly: %v", different, err, errAgain)
	}
	a, err := NewFile(bytes.NewReader(content), "f")
	if err != nil {
		return
	}
	b, _ := NewFile(bytes.NewReader(content), "f")
	if both, _ := readPackets(MergeFiles(a, b)); len(both) != 2*len(packets) {
		t.Fatalf("%d packets, %d from two", len(packets), len(both))
	}
}

// readLimited reads a file of so many packets at most, and checks each.
func readLimited(t *testing.T, r io.Reader, limit int) (packets []Packet, err error) {
	f, err := NewFile(r, "f")
	if err == nil {
		defer f.Close()
		packets, err = readSome(t, f, limit)
	}
	var d *DamageError
	switch {
	case err == nil:
		t.Fatal("neither packet nor error")
	case err == io.EOF:
	case !errors.As(err, &d):
		t.Fatalf("%v is no *DamageError", err)
	case d.Packets != uint64(len(packets)) || d.Offset < 0:
		t.Fatalf("%v after %d packets", err, len(packets))
	}
	return packets, err
}

func readSome(t *testing.T, f *File, limit int) (packets []Packet, err error) {
	var p Packet
	for err == nil {
		if err = f.Read(&p); err != nil {
			break
		}
		if len(p.Data) > p.Length || len(p.Data) > maxBlock || p.Interface < 0 || p.Interface >= len(f.Interfaces()) || len(packets) == limit {
			t.Fatalf("packet %d: %d bytes of %d, interface %d", len(packets), len(p.Data), p.Length, p.Interface)
		}
		p.Data = bytes.Clone(p.Data)
		packets = append(packets, p)
	}
	if s := f.Stats(); s.Packets != uint64(len(packets)) {
		t.Fatalf("%+v, %d packets", s, len(packets))
	}
	return packets, err
}
