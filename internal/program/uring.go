package program

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// sightUring looks for io_uring in a program: no way of converting sockets reaches
// those that are made through a ring (IORING_OP_SOCKET, io_uring/net.c).
func (p *Program) sightUring(m *image) *Sight {
	for _, library := range p.Libraries {
		if strings.HasPrefix(library, "liburing") {
			return &Sight{Seen, "it is linked with " + library}
		}
	}
	if p.Go != nil {
		return goUring(p.Go, m)
	}
	for _, i := range m.readImports() {
		if strings.HasPrefix(i.name, "io_uring_") {
			return &Sight{Seen, "it refers to " + i.name}
		}
	}
	if slices.ContainsFunc(p.Libraries, func(l string) bool { return strings.HasPrefix(l, "libuv.so") }) || p.Language == "javascript" {
		return &Sight{Possible, "libuv may use it for files and to wait, and not to make sockets"}
	}
	return m.uringCalls()
}

// Modules of Go that make rings.
var uringModules = []string{
	"github.com/godzie44/go-uring", "github.com/iceber/iouring-go", "github.com/pawelgaczynski/giouring",
	"github.com/pawelgaczynski/gain", "github.com/hodgesds/iouring-go", "github.com/ii64/gouring",
}

func goUring(g *Go, m *image) *Sight {
	for _, module := range g.dependencies {
		if slices.Contains(uringModules, strings.ToLower(module)) {
			return &Sight{Seen, "module " + module + " is in it"}
		}
	}
	if m.hasCode64() {
		if l := m.linked(); l != nil && m.callsUring(registerEAX, m.text(), func(*code) map[uint64]string { return l.find(systemCalls...) }) {
			return &Sight{Possible, "what looks like a call of io_uring_setup is in its code"}
		}
	}
	return m.uringCalls()
}

// uringSetup is the number of io_uring_setup(2), the same on all machines but alpha.
const uringSetup = 425

func (m *image) hasCode64() bool { return m.machine == machineAMD64 && m.is64 }

// uringCalls looks for the system call's number where it stands before a call. That is
// a guess, and only made on amd64: a ring is made by io_uring_setup alone, but its
// number may come from anywhere.
func (m *image) uringCalls() *Sight {
	if !m.hasCode64() {
		return &Sight{NotSeen, "and code of this machine is not looked through"}
	}
	found := false
	slots := map[uint64]string{}
	for _, i := range m.readImports() {
		if i.name == "syscall" {
			slots[i.slot] = i.name
		}
	}
	all := m.readExecutable()
	if len(slots) > 0 {
		found = m.callsUring(registerEDI, all, func(c *code) map[uint64]string { return c.stubs(slots) })
		for i := range all {
			all[i].eachIndirect(slots, func(at int, _ string) { found = found || isUring(registerEDI, all[i].bytes, at) })
		}
	}
	for i := range all {
		found = found || all[i].hasUringSetup()
	}
	if found {
		return &Sight{Possible, "what looks like a call of io_uring_setup is in its code"}
	}
	return &Sight{NotSeen, "neither liburing nor a call of io_uring_setup"}
}

// callsUring looks for calls of functions that make any system call, with that number.
func (m *image) callsUring(number register, all []code, targets func(c *code) map[uint64]string) (found bool) {
	for i := range all {
		m.eachCall(all[i], targets(&all[i]), func(at int, _ string) { found = found || isUring(number, all[i].bytes, at) })
	}
	return found
}

func isUring(number register, b []byte, at int) bool {
	value, ok := number.before(b, at)
	return ok && value == uringSetup
}

// hasUringSetup looks for the number in EAX before SYSCALL, and in EDI before a function
// that has the number of a system call as its argument, where that begins by moving it
// on, as the C library's syscall does.
func (c *code) hasUringSetup() bool {
	number := []byte{registerEAX.move, uringSetup & 0xff, uringSetup >> 8, 0, 0}
	for rest := c.bytes; ; {
		i := bytes.Index(rest, number)
		if i < 0 {
			return c.callsSyscall()
		}
		rest = rest[i+len(number):]
		if bytes.Contains(rest[:min(len(rest), 16)], []byte{0x0f, 0x05}) {
			return true
		}
	}
}

// callsSyscall finds CALL of a function that begins with MOV RAX, RDI, perhaps behind
// ENDBR64, and has EDI set to the number.
func (c *code) callsSyscall() bool {
	number := []byte{registerEDI.move, uringSetup & 0xff, uringSetup >> 8, 0, 0}
	for i := 0; ; {
		n := bytes.Index(c.bytes[i:], number)
		if n < 0 {
			return false
		}
		i += n + len(number)
		for at := i; at < min(i+backwards, len(c.bytes)-5); at++ {
			if c.bytes[at] == 0xe8 && c.movesOn(at+5+int(int32(binary.LittleEndian.Uint32(c.bytes[at+1:])))) {
				return true
			}
		}
	}
}

func (c *code) movesOn(at int) bool {
	if at < 0 || at >= len(c.bytes) {
		return false
	}
	begin := bytes.TrimPrefix(c.bytes[at:min(at+8, len(c.bytes))], []byte{0xf3, 0x0f, 0x1e, 0xfa})
	return bytes.HasPrefix(begin, []byte{0x48, 0x89, 0xf8})
}
