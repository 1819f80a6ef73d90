package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A builder makes files by hand, in either byte order.
type builder struct {
	bytes.Buffer
	order binary.AppendByteOrder
}

func (b *builder) add16(values ...uint16) {
	for _, v := range values {
		b.Write(b.order.AppendUint16(nil, v))
	}
}

func (b *builder) add32(values ...uint32) {
	for _, v := range values {
		b.Write(b.order.AppendUint32(nil, v))
	}
}

// pcap begins a file.
func (b *builder) pcap(magic uint32, major, minor uint16, snapLen, link uint32) {
	b.add32(magic)
	b.add16(major, minor)
	b.add32(0, 0, snapLen, link)
}

// block adds a block whose body is made by fill.
func (b *builder) block(kind uint32, fill func(body *builder)) {
	body := builder{order: b.order}
	fill(&body)
	body.Write(make([]byte, -body.Len()&3))
	length := uint32(body.Len() + blockAround)
	b.add32(kind, length)
	b.Write(body.Bytes())
	b.add32(length)
}

func (b *builder) section() {
	b.block(blockSection, func(body *builder) {
		body.add32(byteOrderMagic)
		body.add16(1, 0)
		body.add32(^uint32(0), ^uint32(0))
	})
}

// link describes an interface.
func (b *builder) link(link uint16, snapLen uint32, options ...option) {
	b.block(blockInterface, func(body *builder) {
		body.add16(link, 0)
		body.add32(snapLen)
		body.options(options...)
	})
}

// enhanced adds a packet at a time in the interface's ticks.
func (b *builder) enhanced(id uint32, ticks uint64, length uint32, data []byte, options ...option) {
	b.block(blockPacket, func(body *builder) {
		body.add32(id, uint32(ticks>>32), uint32(ticks), uint32(len(data)), length)
		body.Write(data)
		body.Write(make([]byte, -len(data)&3))
		body.options(options...)
	})
}

type option struct {
	code  uint16
	value []byte
}

func (b *builder) options(options ...option) {
	for _, o := range options {
		b.add16(o.code, uint16(len(o.value)))
		b.Write(o.value)
		b.Write(make([]byte, -len(o.value)&3))
	}
	if len(options) > 0 {
		b.add16(optionEnd, 0)
	}
}

// number is an option of 64 bits in the file's byte order.
func (b *builder) number(code uint16, v uint64) option {
	return option{code, b.order.AppendUint64(nil, v)}
}

var orders = map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian}

// readPackets reads to the end. The packets are copies.
func readPackets(r interface{ Read(*Packet) error }) (packets []Packet, err error) {
	for {
		var p Packet
		if err := r.Read(&p); err != nil {
			return packets, err
		}
		p.Data = bytes.Clone(p.Data)
		packets = append(packets, p)
	}
}

// readWhole reads a file that has to end well.
func readWhole(t testing.TB, content []byte) (*File, []Packet) {
	t.Helper()
	f, err := NewFile(bytes.NewReader(content), "whole")
	if err != nil {
		t.Fatal(err)
	}
	packets, err := readPackets(f)
	if err != io.EOF {
		t.Fatalf("%d packets, then %v", len(packets), err)
	}
	return f, packets
}

// saveAs writes a file under a name.
func saveAs(t testing.TB, name string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// openFile opens a capture that has to be one.
func openFile(t testing.TB, path string) *File {
	t.Helper()
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// damage is what has to be wrong with a file, after so many packets.
func damage(t testing.TB, err error, packets int) *DamageError {
	t.Helper()
	var d *DamageError
	if !errors.As(err, &d) {
		t.Fatalf("%v is no *DamageError", err)
	}
	if d.Packets != uint64(packets) {
		t.Errorf("%v: after %d packets, want %d", d, d.Packets, packets)
	}
	return d
}
