package capture

import (
	"encoding/binary"
	"math/bits"
	"time"
)

// The header of a pcap file, and of each packet in it (draft-ietf-opsawg-pcap,
// sections 4 and 5).
const (
	pcapHeader       = 24
	pcapRecord       = 16
	pcapRecordLonger = 24 // Kuznetzov's: interface, protocol and kind follow

	// oldMinor is the last version 2 that wrote the two lengths of a packet the
	// other way round, sometimes; and so did version 543, Kuznetzov's first.
	oldMinor = 3
	oldMajor = 543
)

// maxRecord is the longest packet that is read, however long it says it is.
const maxRecord = 16 << 20

// A pcapKind is what the magic number of a pcap file tells.
type pcapKind struct {
	big    bool          // big-endian
	unit   time.Duration // of the fraction of a second
	record int           // bytes of a packet's header
}

// pcapKindOf knows a magic number, read as little-endian.
func pcapKindOf(magic uint32) (kind pcapKind, ok bool) {
	for _, big := range []bool{false, true} {
		switch magic {
		case 0xa1b2c3d4:
			return pcapKind{big, time.Microsecond, pcapRecord}, true
		case 0xa1b23c4d:
			return pcapKind{big, time.Nanosecond, pcapRecord}, true
		case 0xa1b2cd34:
			return pcapKind{big, time.Microsecond, pcapRecordLonger}, true
		}
		magic = bits.ReverseBytes32(magic)
	}
	return pcapKind{}, false
}

// A pcap reads a pcap file.
type pcap struct {
	file    *File
	window  *window
	big     bool
	swapped bool // the lengths of a packet may be
	unit    int64
	record  int
	longest int // packet
}

func newPcap(f *File, kind pcapKind) (*pcap, error) {
	if !f.window.fill(pcapHeader) {
		return nil, f.cut("the file header")
	}
	b := f.window.ahead()
	major, minor := order16(b[4:], kind.big), order16(b[6:], kind.big)
	if major != 2 && major != oldMajor {
		return nil, f.damaged("pcap version %d.%d, not 2.4", major, minor)
	}
	snapLen := order32(b[16:], kind.big)
	f.interfaces = []FileInterface{{
		File: f.name, Link: uint16(order32(b[20:], kind.big)),
		SnapLen: snapLen, Resolution: kind.unit,
	}}
	f.window.at += pcapHeader
	return &pcap{
		file: f, window: &f.window, big: kind.big, unit: int64(kind.unit), record: kind.record,
		swapped: major == oldMajor || minor <= oldMinor,
		longest: int(min(max(snapLen, MaxSnapLen), maxRecord)),
	}, nil
}

func (r *pcap) read(p *Packet) error {
	w := r.window
	if w.left() < r.record && !w.fill(r.record) {
		return r.file.between("a packet's header")
	}
	b := w.ahead()
	captured, length := order32(b[8:], r.big), order32(b[12:], r.big)
	if captured > length && r.swapped {
		captured, length = length, captured
	}
	if captured > uint32(r.longest) {
		return r.file.damaged("a packet of %d bytes, more than %d", captured, r.longest)
	}
	end := r.record + int(captured)
	if len(b) < end {
		if !w.fill(end) {
			return r.file.cut("a packet")
		}
		b = w.ahead()
	}
	p.Time = int64(order32(b, r.big))*int64(time.Second) + int64(order32(b[4:], r.big))*r.unit
	p.Interface = 0
	p.Data = b[r.record:end:end]
	p.Length = frameLength(length, captured)
	w.at += end
	return nil
}

// frameLength is Packet.Length of a frame that is said to have had length bytes.
func frameLength(length, captured uint32) int {
	return int(min(max(length, captured), maxLength))
}

// maxLength fits an int everywhere.
const maxLength = 1<<31 - 1

func order16(b []byte, big bool) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if big {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func order32(b []byte, big bool) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func order64(b []byte, big bool) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if big {
		v = bits.ReverseBytes64(v)
	}
	return v
}
