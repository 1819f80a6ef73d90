package program

import (
	"path/filepath"
	"strconv"
	"strings"
)

// machines are names as uname(2) has them, by e_machine (linux/elf-em.h), with 32
// bits and 64.
var machines = []struct {
	number         uint16
	name32, name64 string
}{
	{3, "i686", ""}, {62, "x32", "x86_64"}, {40, "arm", ""}, {183, "", "aarch64"}, {243, "riscv32", "riscv64"},
	{22, "s390", "s390x"}, {8, "mips", "mips64"}, {20, "ppc", ""}, {21, "", "ppc64"}, {258, "loongarch32", "loongarch64"},
	{2, "sparc", ""}, {43, "", "sparc64"}, {4, "m68k", ""}, {15, "parisc", "parisc64"},
}

// describe fills in what the headers say.
func (p *Program) describe(m *image) {
	p.Bits = 32
	if m.is64 {
		p.Bits = 64
	}
	p.Machine = m.machineName()
	d := m.readDynamic()
	p.Loader, p.Libraries = m.loader(), d.needed
	p.Libc = libcOf(p.Loader, p.Libraries)
	p.Linkage = linkageOf(m, p.Loader, d)
	p.Go = m.readGo()
}

func (m *image) machineName() string {
	for _, known := range machines {
		name := known.name32
		if m.is64 {
			name = known.name64
		}
		switch {
		case known.number != m.machine || name == "":
		case name == "ppc64" && m.order.Uint16([]byte{1, 0}) == 1:
			return "ppc64le"
		default:
			return name
		}
	}
	return "machine " + strconv.Itoa(int(m.machine))
}

func (m *image) loader() string {
	for _, s := range m.segments {
		if s.kind == ptInterp && s.len <= stringMost {
			if text, err := m.bytesAt(s.offset, s.len); err == nil {
				return stringAt(text, 0)
			}
		}
	}
	return ""
}

// libcOf goes by the names that loaders have; programs linked with one that has
// another name still say which library they want.
func libcOf(loader string, libraries []string) string {
	name := filepath.Base(loader)
	switch {
	case loader == "":
		return ""
	case strings.HasPrefix(name, "ld-musl"):
		return "musl"
	case strings.HasPrefix(name, "linker"):
		return "bionic"
	case strings.Contains(name, "uClibc"):
		return "uclibc"
	case strings.HasPrefix(name, "ld-linux"), strings.HasPrefix(name, "ld64"), strings.HasPrefix(name, "ld.so"):
		return "glibc"
	}
	for _, library := range libraries {
		if strings.HasPrefix(library, "libc.so.6") {
			return "glibc"
		}
	}
	return ""
}

func linkageOf(m *image, loader string, d *dynamic) Linkage {
	switch {
	case loader != "":
		return Dynamic
	case m.kind == typeExec:
		return Static
	case d.pie:
		return StaticPIE
	}
	return Library
}
