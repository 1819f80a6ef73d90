package program

import (
	"allroads/mptcp"
)

// optionNames are the functions that set an option, with level and option as the
// second and third argument.
var optionNames = []string{
	"syscall.setsockopt", "syscall.SetsockoptInt", "syscall.setsockoptInt",
	"golang.org/x/sys/unix.setsockopt", "golang.org/x/sys/unix.SetsockoptInt",
}

// optionCalls finds which options a program sets by constants that stand at the call,
// of all that have a name: which of them fail, the kernel is asked (Probe). Only amd64
// is read so.
func (m *image) optionCalls(l *linked) (uses []Use) {
	if m.machine != machineAMD64 || !m.is64 {
		return nil
	}
	seen := map[string]bool{}
	add := func(c code, registers [2]register) func(at int, name string) {
		return func(at int, name string) {
			level, ok := registers[0].before(c.bytes, at)
			option, also := registers[1].before(c.bytes, at)
			found := mptcp.Compatible(int(level), int(option))
			if !ok || !also || !found.Known() || seen[found.Name] {
				return
			}
			seen[found.Name] = true
			uses = append(uses, Use{found.Name, Seen, m.calledBy(l, c.addr+uint64(at), name)})
		}
	}
	if l != nil {
		targets := l.find(optionNames...)
		for _, c := range m.text() {
			m.eachCall(c, targets, add(c, registersGo))
		}
		return uses
	}
	slots := map[uint64]string{}
	for _, i := range m.readImports() {
		if i.name == "setsockopt" {
			slots[i.slot] = i.name
		}
	}
	if len(slots) == 0 {
		return nil
	}
	for _, c := range m.readExecutable() {
		m.eachCall(c, c.stubs(slots), add(c, registersC))
		c.eachIndirect(slots, add(c, registersC))
	}
	return uses
}

func (m *image) calledBy(l *linked, addr uint64, name string) string {
	if l == nil {
		return "a call of " + name + " with it is in the file"
	}
	return "called in " + l.at(addr)
}
