package program

import (
	"bytes"
	"sort"
)

// functions are those that are linked into a program of Go, with those that were
// inlined: the table by which the runtime prints stacks, which strip(1) leaves there.
// The layout is that of runtime.pcHeader and runtime._func since Go 1.20.
type functions struct {
	names   []byte // each with a zero before and behind it
	image   *image
	section section
	count   uint64
	entries uint64 // where the table of entries is in the section
	text    uint64 // the address that entries count from
}

const (
	pclntabMagic = 0xfffffff1 // internal/abi.Go120PCLnTabMagic
	pclntabMost  = 512 << 20
	pointersText = 22 // words of runtime.moduledata before its field text
)

// readFunctions reads the names; nil: there is no such table, or one of a layout that
// is not known here.
func (m *image) readFunctions() *functions {
	s, ok := m.pclntab()
	w := m.wordLen()
	if !ok || s.len < 8+8*w || s.len > pclntabMost {
		return nil
	}
	header, err := m.bytesAt(s.offset, 8+8*w)
	if err != nil || m.order.Uint32(header) != pclntabMagic || uint64(header[7]) != w {
		return nil
	}
	field := func(i uint64) uint64 { return m.word(header[8+i*w:]) }
	f := &functions{image: m, section: s, count: field(0), entries: field(7)}
	from, to := field(3), field(4)
	if from < 1 || from > to || to > s.len || f.entries > s.len || f.count > (s.len-f.entries)/8 {
		return nil
	}
	if f.names, err = m.bytesAt(s.offset+from-1, to-from+1); err != nil {
		return nil
	}
	f.names[0] = 0
	f.text = m.textOf(field(2))
	return f
}

// pclntab finds the table: in a section of its own, or where other linkers put it.
func (m *image) pclntab() (section, bool) {
	if s, ok := m.section(".gopclntab", ".data.rel.ro.gopclntab"); ok {
		return s, true
	}
	magic := m.order.AppendUint32(nil, pclntabMagic)
	magic = append(magic, 0, 0)
	for _, name := range []string{".data.rel.ro", ".rodata"} {
		s, ok := m.section(name)
		if !ok || s.len > pclntabMost {
			continue
		}
		b, err := m.bytesAt(s.offset, s.len)
		if i := bytes.Index(b, magic); err == nil && i >= 0 {
			return section{s.name, s.offset + uint64(i), s.addr + uint64(i), s.len - uint64(i)}, true
		}
	}
	return section{}, false
}

// textOf is where the code of Go begins: what the table says, up to Go 1.25, or the
// runtime's module data, before the loader has moved it; else the section.
func (m *image) textOf(said uint64) uint64 {
	if said != 0 {
		return said
	}
	w := m.wordLen()
	if s, ok := m.section(".go.module"); ok && s.len >= (pointersText+1)*w {
		if b, err := m.bytesAt(s.offset+pointersText*w, w); err == nil && m.word(b) != 0 {
			return m.word(b)
		}
	}
	s, _ := m.section(".text")
	return s.addr
}

// has reports whether one of these functions is linked: which one, "" for none.
func (f *functions) has(names ...string) string {
	for _, name := range names {
		if bytes.Contains(f.names, []byte("\x00"+name+"\x00")) {
			return name
		}
	}
	return ""
}

// each calls fn for each function whose name begins so.
func (f *functions) each(prefix string, fn func(name string)) {
	wanted := []byte("\x00" + prefix)
	for rest := f.names; ; {
		i := bytes.Index(rest, wanted)
		if i < 0 {
			return
		}
		rest = rest[i+1:]
		name, _, _ := bytes.Cut(rest, []byte{0})
		fn(string(name))
	}
}

// linked are the functions with their places.
type linked struct {
	entries []uint64 // in order
	names   []uint32 // where the name is, by entry
	table   *functions
}

// readPlaces is nil where there are no functions, or their places cannot be read.
func (m *image) readPlaces() *linked {
	if f := m.functions(); f != nil {
		return f.places()
	}
	return nil
}

// places reads where each function is. It reads the whole table, a third of a program.
func (f *functions) places() *linked {
	table, err := f.image.bytesAt(f.section.offset+f.entries, f.section.len-f.entries)
	if err != nil {
		return nil
	}
	l := &linked{entries: make([]uint64, 0, f.count), names: make([]uint32, 0, f.count), table: f}
	order := f.image.order
	for i := range f.count {
		entry, at := order.Uint32(table[8*i:]), uint64(order.Uint32(table[8*i+4:]))
		if at+8 > uint64(len(table)) {
			return nil
		}
		l.entries = append(l.entries, f.text+uint64(entry))
		l.names = append(l.names, order.Uint32(table[at+4:]))
	}
	if !sort.SliceIsSorted(l.entries, func(i, j int) bool { return l.entries[i] < l.entries[j] }) {
		return nil
	}
	return l
}

// name is that of a function by its number.
func (l *linked) name(i int) string {
	at := uint64(l.names[i]) + 1
	if at >= uint64(len(l.table.names)) {
		return ""
	}
	name, _, _ := bytes.Cut(l.table.names[at:], []byte{0})
	return string(name)
}

// at is the name of the function that an address is in.
func (l *linked) at(addr uint64) string {
	i := sort.Search(len(l.entries), func(i int) bool { return l.entries[i] > addr })
	if i == 0 {
		return ""
	}
	return l.name(i - 1)
}

// find returns the entries of functions, with their names.
func (l *linked) find(names ...string) map[uint64]string {
	wanted := map[uint32]string{}
	for _, name := range names {
		if i := bytes.Index(l.table.names, []byte("\x00"+name+"\x00")); i >= 0 {
			wanted[uint32(i)] = name
		}
	}
	found := map[uint64]string{}
	for i, at := range l.names {
		if name, ok := wanted[at]; ok {
			found[l.entries[i]] = name
		}
	}
	return found
}
