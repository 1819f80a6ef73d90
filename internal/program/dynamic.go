package program

// dynamic is what the dynamic section says (PT_DYNAMIC).
type dynamic struct {
	needed []string
	pie    bool
}

// imported is a function of a library: slot is the address that the loader writes its
// address to.
type imported struct {
	name string
	slot uint64
}

// Tags of the dynamic section, and the flag of DT_FLAGS_1 that tells programs from
// libraries.
const (
	dtNull, dtNeeded, dtStrtab, dtSymtab, dtStrsz = 0, 1, 5, 6, 10
	dtRela, dtRelasz, dtRel, dtRelsz              = 7, 8, 17, 18
	dtPltrelsz, dtPltrel, dtJmprel                = 2, 20, 23
	dtFlags1                                      = 0x6ffffffb
	flag1PIE                                      = 0x08000000
)

// More than any linker makes is damage. Programs of 100 MB have a few MB of these.
const (
	dynamicMost     = 1 << 16
	stringsMost     = 64 << 20
	relocationsMost = 32 << 20
)

// tags reads the section: the values of each tag.
func (m *image) tags() map[uint64][]uint64 {
	tags := map[uint64][]uint64{}
	for _, s := range m.segments {
		if s.kind != ptDynamic || s.len > dynamicMost {
			continue
		}
		table, err := m.bytesAt(s.offset, s.len)
		w := m.wordLen()
		for ; err == nil && uint64(len(table)) >= 2*w; table = table[2*w:] {
			tag := m.word(table)
			if tag == dtNull {
				break
			}
			tags[tag] = append(tags[tag], m.word(table[w:]))
		}
	}
	return tags
}

func first(values []uint64) uint64 {
	if len(values) == 0 {
		return 0
	}
	return values[0]
}

// readDynamic reads what Inspect tells: libraries, and whether it is a program.
func (m *image) readDynamic() *dynamic {
	tags := m.tags()
	d := &dynamic{pie: first(tags[dtFlags1])&flag1PIE != 0}
	for _, at := range tags[dtNeeded] {
		if name := m.stringOf(tags, at); name != "" {
			d.needed = append(d.needed, name)
		}
	}
	return d
}

// stringOf reads one string of DT_STRTAB.
func (m *image) stringOf(tags map[uint64][]uint64, at uint64) string {
	size := first(tags[dtStrsz])
	if at >= size {
		return ""
	}
	text, err := m.loaded(first(tags[dtStrtab])+at, min(size-at, stringMost))
	if err != nil {
		return ""
	}
	return stringAt(text, 0)
}

// readImports reads which functions of libraries the program refers to, from its
// relocations: they are there in stripped files, too.
func (m *image) readImports() (imports []imported) {
	tags := m.tags()
	size := first(tags[dtStrsz])
	if size > stringsMost {
		return nil
	}
	text, err := m.loaded(first(tags[dtStrtab]), size)
	if err != nil {
		return nil
	}
	symtab := first(tags[dtSymtab])
	for _, r := range []struct {
		at, size uint64
		rela     bool
	}{
		{first(tags[dtJmprel]), first(tags[dtPltrelsz]), first(tags[dtPltrel]) == dtRela},
		{first(tags[dtRela]), first(tags[dtRelasz]), true},
		{first(tags[dtRel]), first(tags[dtRelsz]), false},
	} {
		if r.size == 0 || r.size > relocationsMost {
			continue
		}
		table, err := m.loaded(r.at, r.size)
		if err == nil {
			imports = append(imports, m.relocated(table, r.rela, symtab, text)...)
		}
	}
	return imports
}

// relocated reads the relocations that have a symbol.
func (m *image) relocated(table []byte, rela bool, symtab uint64, text []byte) (imports []imported) {
	w := m.wordLen()
	entry, symbolLen := 2*w, uint64(16)
	if rela {
		entry += w
	}
	if m.is64 {
		symbolLen = 24
	}
	for ; uint64(len(table)) >= entry; table = table[entry:] {
		info := m.word(table[w:])
		symbol := info >> 8
		if m.is64 {
			symbol = info >> 32
		}
		if symbol == 0 {
			continue
		}
		if b, err := m.loaded(symtab+symbol*symbolLen, 4); err == nil {
			if name := stringAt(text, uint64(m.order.Uint32(b))); name != "" {
				imports = append(imports, imported{name, m.word(table)})
			}
		}
	}
	return imports
}
