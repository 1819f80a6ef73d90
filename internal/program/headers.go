package program

import (
	"bytes"
	"errors"
	"fmt"
)

// layout is where fields are in the headers of one class (Elf32_..., Elf64_...).
type layout struct {
	phoff, shoff, phnum, shnum                                uint64 // in the file's header
	segment, segmentFlags, segmentOffset, segmentAddr, filesz uint64
	section, sectionAddr, sectionOffset, sectionLen           uint64
}

var (
	layout32 = layout{28, 32, 44, 48, 32, 24, 4, 8, 16, 40, 12, 16, 20}
	layout64 = layout{32, 40, 56, 60, 56, 4, 8, 16, 32, 64, 16, 24, 32}
)

func (m *image) layout() *layout {
	if m.is64 {
		return &layout64
	}
	return &layout32
}

func (m *image) readSegments() error {
	l := m.layout()
	header, err := m.bytesAt(0, l.phnum+8)
	if err != nil {
		return fmt.Errorf("read ELF header: %w", err)
	}
	count := uint64(m.order.Uint16(header[l.phnum:]))
	if count == 0 || count > segmentsMost {
		return fmt.Errorf("an ELF file with %d segments", count)
	}
	table, err := m.bytesAt(m.word(header[l.phoff:]), count*l.segment)
	if err != nil {
		return fmt.Errorf("read program headers: %w", err)
	}
	for ; len(table) > 0; table = table[l.segment:] {
		m.segments = append(m.segments, segment{
			kind: m.order.Uint32(table), flags: m.order.Uint32(table[l.segmentFlags:]),
			offset: m.word(table[l.segmentOffset:]), addr: m.word(table[l.segmentAddr:]), len: m.word(table[l.filesz:]),
		})
	}
	return m.checkSegments()
}

// checkSegments finds files that are cut off: the kernel would start some of them,
// and kill them.
func (m *image) checkSegments() error {
	loads := false
	for _, s := range m.segments {
		loads = loads || s.kind == ptLoad
		if end := s.offset + s.len; s.kind == ptLoad && (end < s.offset || end > uint64(m.size)) {
			return fmt.Errorf("the file has %d bytes of %d: it is cut off", m.size, end)
		}
	}
	if !loads {
		return errors.New("an ELF file with nothing to load")
	}
	return nil
}

// readSections reads the section headers, if there are any: nothing needs them to
// start the program.
func (m *image) readSections() {
	l := m.layout()
	header, err := m.bytesAt(0, l.shnum+4)
	if err != nil {
		return
	}
	count, names := uint64(m.order.Uint16(header[l.shnum:])), uint64(m.order.Uint16(header[l.shnum+2:]))
	if count > sectionsMost || names >= count {
		return
	}
	table, err := m.bytesAt(m.word(header[l.shoff:]), count*l.section)
	if err != nil {
		return
	}
	at := func(i uint64) section {
		b := table[i*l.section:]
		s := section{offset: m.word(b[l.sectionOffset:]), addr: m.word(b[l.sectionAddr:]), len: m.word(b[l.sectionLen:])}
		if m.order.Uint32(b[4:]) == sectionNoBits {
			s.len = 0
		}
		return s
	}
	where := at(names)
	if where.len > namesMost {
		return
	}
	text, err := m.bytesAt(where.offset, where.len)
	if err != nil {
		return
	}
	for i := range count {
		s := at(i)
		s.name = stringAt(text, uint64(m.order.Uint32(table[i*l.section:])))
		m.sections = append(m.sections, s)
	}
}

// section finds a section by its name.
func (m *image) section(names ...string) (section, bool) {
	for _, s := range m.sections {
		for _, name := range names {
			if s.name == name && s.len > 0 {
				return s, true
			}
		}
	}
	return section{}, false
}

// stringAt is a string of a table, up to its zero.
func stringAt(table []byte, at uint64) string {
	if at >= uint64(len(table)) {
		return ""
	}
	text, _, _ := bytes.Cut(table[at:min(uint64(len(table)), at+stringMost)], []byte{0})
	return string(text)
}
