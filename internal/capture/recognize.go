package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"
)

// magicBytes is how much of a file its recognition looks at. No capture is
// shorter, and no compressed one.
const magicBytes = 16

// recognize finds out what the file is and gets ready to read its first packet.
func (f *File) recognize() error {
	f.window.fill(magicBytes)
	begin := f.compression()
	if begin != nil {
		f.in.pending = f.window.bytes
		f.window = window{feed: expand(f.in, begin)}
		f.window.fill(magicBytes)
	}
	start := f.window.ahead()
	start = start[:min(len(start), magicBytes)]
	if len(start) < 4 {
		return f.tooShort()
	}
	var err error
	magic := binary.LittleEndian.Uint32(start)
	if kind, ok := pcapKindOf(magic); ok {
		f.format, err = newPcap(f, kind)
	} else if magic == blockSection {
		f.format, err = newPcapng(f)
	} else {
		err = f.damaged("no capture file (pcap or pcapng): %s", seems(start))
	}
	return err
}

// compression returns what begins to decompress the file, nil for a plain one and
// for what is not decompressed.
func (f *File) compression() (begin begin) {
	kind := compressionOf(f.window.ahead())
	switch kind {
	case "gzip":
		begin = beginGzip
	case "zstd":
		begin = beginZstd
	}
	if begin != nil {
		f.compressed = kind
	}
	return begin
}

func (f *File) tooShort() error {
	switch {
	case f.window.left() == 0 && f.window.end == io.EOF && f.compressed == "":
		return f.damagedBy(io.ErrUnexpectedEOF, "the file is empty")
	case f.window.left() == 0 && f.window.end == io.EOF:
		return f.damagedBy(io.ErrUnexpectedEOF, "nothing is in the "+f.compressed+" data")
	}
	return f.cut("the file header")
}

// compressionOf names a compression by how it begins, "" for none known.
func compressionOf(b []byte) string {
	for _, known := range []struct{ name, magic string }{
		{"gzip", "\x1f\x8b"},
		{"zstd", "\x28\xb5\x2f\xfd"},
		{"xz", "\xfd7zXZ\x00"},
		{"bzip2", "BZh"},
		{"lz4", "\x04\x22\x4d\x18"},
		{"compress", "\x1f\x9d"},
		{"zip", "PK\x03\x04"},
		{"7z", "7z\xbc\xaf\x27\x1c"},
	} {
		if bytes.HasPrefix(b, []byte(known.magic)) {
			return known.name
		}
	}
	// A skippable frame (RFC 8878, section 3.1.2), as parallel compressors begin with.
	if len(b) >= 4 && b[0]&0xf0 == 0x50 && bytes.Equal(b[1:4], []byte("\x2a\x4d\x18")) {
		return "zstd"
	}
	return ""
}

// seems says what a file may be that is no capture.
func seems(b []byte) string {
	for _, known := range []struct{ name, magic string }{
		{"a snoop capture", "snoop\x00\x00\x00"},
		{"a Network Monitor capture", "GMBU"},
		{"a Network Monitor capture", "RTSS"},
		{"a NetXRay or Sniffer capture", "XCP\x00"},
		{"a Sniffer capture", "TRSNIFF data"},
		{"an AIX iptrace capture", "iptrace "},
	} {
		if bytes.HasPrefix(b, []byte(known.magic)) {
			return "it seems to be " + known.name + "; editcap -F pcapng may convert it"
		}
	}
	if packed := compressionOf(b); packed != "" {
		return fmt.Sprintf("it seems to be compressed by %s; decompress it first", packed)
	}
	if isText(b) {
		return fmt.Sprintf("it seems to be text, %.16q", b)
	}
	return fmt.Sprintf("it begins with % x", b[:min(len(b), 8)])
}

// isText reports whether b begins a text, whose last character may be cut.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && len(b) >= utf8.UTFMax || r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
		b = b[size:]
	}
	return true
}
