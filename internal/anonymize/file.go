package anonymize

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"allroads/trace"
)

// file writes pcapng (draft-ietf-opsawg-pcapng). Package capture's writer is not used
// since it says which system the file was made on, and when.
type file struct {
	out     *bufio.Writer
	block   []byte
	last    int64 // time of the latest packet
	drops   []trace.Interface
	written []uint64 // packets of each interface
	err     error
}

// Block types and options.
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockStatistics = 5
	blockPacket     = 6

	optionEndOf      = 0
	optionName       = 2
	optionResolution = 9
	optionDelivered  = 8
	optionDropped    = 7
)

// newFile starts a file whose interfaces are called if0, if1 and so on: of the others
// there are link type, snap length and drops.
func newFile(w io.Writer, interfaces []trace.Interface) *file {
	f := &file{out: bufio.NewWriterSize(w, 256<<10), drops: interfaces, written: make([]uint64, len(interfaces))}
	f.begin(blockSection)
	f.u32(0x1a2b3c4d)
	f.u16(1)
	f.u16(0)
	f.u64(^uint64(0)) // The section's length is not said.
	f.end()
	for i, one := range interfaces {
		f.begin(blockInterface)
		f.u16(one.LinkType)
		f.u16(0)
		f.u32(one.SnapLen)
		f.option(optionName, fmt.Appendf(nil, "if%d", i))
		f.option(optionResolution, []byte{9})
		f.option(optionEndOf, nil)
		f.end()
	}
	return f
}

// packet adds one. length is what it had on the wire.
func (f *file) packet(at int64, iface int, data []byte, length int) error {
	f.begin(blockPacket)
	f.u32(uint32(iface))
	f.time(at)
	f.u32(uint32(len(data)))
	f.u32(uint32(length))
	f.pad(data)
	f.end()
	f.last = max(f.last, at)
	f.written[iface]++
	return f.failed()
}

// close adds what is known of drops, and ends.
func (f *file) close() error {
	for i, one := range f.drops {
		f.begin(blockStatistics)
		f.u32(uint32(i))
		f.time(f.last)
		if one.DropsKnown {
			f.option(optionDropped, binary.LittleEndian.AppendUint64(nil, one.Drops))
		}
		f.option(optionDelivered, binary.LittleEndian.AppendUint64(nil, f.written[i]))
		f.option(optionEndOf, nil)
		f.end()
	}
	if err := f.out.Flush(); f.err == nil {
		f.err = err
	}
	return f.failed()
}

func (f *file) failed() error {
	if f.err != nil {
		return fmt.Errorf("write capture file: %w", f.err)
	}
	return nil
}

func (f *file) begin(kind uint32) {
	f.block = f.block[:0]
	f.u32(kind)
	f.u32(0)
}

func (f *file) end() {
	length := uint32(len(f.block) + 4)
	binary.LittleEndian.PutUint32(f.block[4:], length)
	f.u32(length)
	if _, err := f.out.Write(f.block); f.err == nil {
		f.err = err
	}
}

func (f *file) u16(v uint16) { f.block = binary.LittleEndian.AppendUint16(f.block, v) }
func (f *file) u32(v uint32) { f.block = binary.LittleEndian.AppendUint32(f.block, v) }
func (f *file) u64(v uint64) { f.block = binary.LittleEndian.AppendUint64(f.block, v) }

// time adds one in nanoseconds, the high half first.
func (f *file) time(at int64) {
	f.u32(uint32(uint64(at) >> 32))
	f.u32(uint32(at))
}

func (f *file) option(code uint16, value []byte) {
	f.u16(code)
	f.u16(uint16(len(value)))
	f.pad(value)
}

// pad adds bytes up to a multiple of four.
func (f *file) pad(b []byte) {
	f.block = append(f.block, b...)
	f.block = append(f.block, make([]byte, -len(b)&3)...)
}
