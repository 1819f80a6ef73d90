package program

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// image is an ELF file. What package debug/elf does is done here for the little that
// is needed: with it, and with debug/buildinfo, comes debug/dwarf, whose initialisation
// would cost each start of allroads 6.6 KB.
type image struct {
	file     *os.File // nil in tests
	source   io.ReaderAt
	size     int64
	order    byteOrder
	is64     bool
	kind     uint16 // e_type
	machine  uint16 // e_machine
	segments []segment
	sections []section

	// What is read once, when it is asked for.
	functions func() *functions
	linked    func() *linked
	text      func() []code
}

// byteOrder is what encoding/binary has in two.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// segment is a program header.
type segment struct {
	kind, flags       uint32
	offset, addr, len uint64 // len in the file
}

// section is a section header. A stripped file need not have any.
type section struct {
	name              string
	offset, addr, len uint64
}

// Of elf(5).
const (
	typeExec, typeDyn = 2, 3

	ptLoad, ptDynamic, ptInterp = 1, 2, 3

	flagExecute, flagWrite = 1, 2

	sectionNoBits = 8
)

// Sizes beyond these are damage: more than the kernel takes (64 KB of program
// headers, load_elf_phdrs in fs/binfmt_elf.c), and than any linker makes.
const (
	segmentsMost = 1 << 16 / 56
	sectionsMost = 1 << 15
	namesMost    = 1 << 20
	stringMost   = 1 << 12
)

var errNotELF = errors.New("neither ELF nor a script with #! in front")

func newImage(source interface{ io.ReaderAt }, size int64) (*image, error) {
	m := &image{source: source, size: size}
	m.file, _ = source.(*os.File)
	ident, err := m.bytesAt(0, 20)
	if err != nil || string(ident[:4]) != "\x7fELF" {
		return nil, errNotELF
	}
	switch m.is64 = ident[4] == 2; {
	case ident[4] != 1 && ident[4] != 2, ident[5] != 1 && ident[5] != 2:
		return nil, fmt.Errorf("an ELF file of class %d and byte order %d, which are none", ident[4], ident[5])
	case ident[5] == 1:
		m.order = binary.LittleEndian
	default:
		m.order = binary.BigEndian
	}
	m.kind, m.machine = m.order.Uint16(ident[16:]), m.order.Uint16(ident[18:])
	if m.kind != typeExec && m.kind != typeDyn {
		return nil, fmt.Errorf("an ELF file of type %d, which is not started: an object, or a core dump", m.kind)
	}
	if err := m.readSegments(); err != nil {
		return nil, err
	}
	m.readSections()
	m.functions, m.linked, m.text = sync.OnceValue(m.readFunctions), sync.OnceValue(m.readPlaces), sync.OnceValue(m.readCode)
	return m, nil
}

func (m *image) close() {
	if m.file != nil {
		m.file.Close()
	}
}

// bytesAt reads so many bytes of the file.
func (m *image) bytesAt(offset, n uint64) ([]byte, error) {
	if size := uint64(m.size); offset > size || n > size-offset {
		return nil, fmt.Errorf("the file ends before byte %d: it is cut off", offset+n)
	}
	b := make([]byte, n)
	if k, err := m.source.ReadAt(b, int64(offset)); uint64(k) < n {
		return nil, fmt.Errorf("read at byte %d: %w", offset, err)
	}
	return b, nil
}

// loaded reads so many bytes from an address of the program.
func (m *image) loaded(addr, n uint64) ([]byte, error) {
	for _, s := range m.segments {
		if s.kind == ptLoad && addr >= s.addr && addr-s.addr < s.len && n <= s.len-(addr-s.addr) {
			return m.bytesAt(s.offset+addr-s.addr, n)
		}
	}
	return nil, fmt.Errorf("address %#x is in no segment", addr)
}

// word reads an address or a size, of four bytes or eight.
func (m *image) word(b []byte) uint64 {
	if m.is64 {
		return m.order.Uint64(b)
	}
	return uint64(m.order.Uint32(b))
}

func (m *image) wordLen() uint64 {
	if m.is64 {
		return 8
	}
	return 4
}
