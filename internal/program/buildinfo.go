package program

import (
	"bytes"
	"encoding/binary"
)

// buildInfoMagic begins what the linker has left of the build (cmd/link, package
// debug/buildinfo).
var buildInfoMagic = []byte("\xff Go buildinf:")

const (
	buildInfoHeader = 32
	buildInfoMost   = 16 << 20
)

// readGo reads what a program of Go says of its build; nil when it is none.
func (m *image) readGo() *Go {
	blob := m.buildInfo()
	if blob == nil {
		return nil
	}
	g := &Go{Multipath: MultipathUnknown}
	var text string
	if blob[15]&2 != 0 { // since Go 1.18: two strings, each behind its length
		rest := blob[buildInfoHeader:]
		g.Version, rest = lengthAndString(rest)
		text, _ = lengthAndString(rest)
	} else {
		g.Version = m.stringBehind(m.word(blob[16:]))
	}
	if g.Version == "" {
		return nil
	}
	g.parse(text)
	g.Multipath = g.multipathByDefault()
	return g
}

func lengthAndString(b []byte) (text string, rest []byte) {
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) {
		return "", nil
	}
	return string(b[n : n+int(length)]), b[n+int(length):]
}

// stringBehind is a string of Go at an address: a pointer and a length.
func (m *image) stringBehind(addr uint64) string {
	w := m.wordLen()
	header, err := m.loaded(addr, 2*w)
	if err != nil || m.word(header[w:]) > stringMost {
		return ""
	}
	text, err := m.loaded(m.word(header), m.word(header[w:]))
	if err != nil {
		return ""
	}
	return string(text)
}

// buildInfo finds the blob: in a section of its own, and where there are no sections,
// in the first segment that can be written, at a multiple of 16 bytes.
func (m *image) buildInfo() []byte {
	if s, ok := m.section(".go.buildinfo"); ok {
		b, err := m.bytesAt(s.offset, min(s.len, buildInfoMost))
		if err != nil || len(b) < buildInfoHeader || !bytes.HasPrefix(b, buildInfoMagic) {
			return nil
		}
		return b
	}
	if len(m.sections) > 0 {
		return nil
	}
	for _, s := range m.segments {
		if s.kind != ptLoad || s.flags&(flagExecute|flagWrite) != flagWrite {
			continue
		}
		b, err := m.bytesAt(s.offset, min(s.len, buildInfoMost))
		if err != nil {
			return nil
		}
		for {
			i := bytes.Index(b, buildInfoMagic)
			if i < 0 || len(b)-i < buildInfoHeader {
				return nil
			}
			if b = b[i:]; (s.len-uint64(len(b)))%16 == 0 || s.len > buildInfoMost {
				return b
			}
			b = b[1:]
		}
	}
	return nil
}
