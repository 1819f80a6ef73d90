package program

import (
	"bytes"
	"encoding/binary"
)

// code is a part of the program that is executed.
type code struct {
	addr  uint64
	bytes []byte
}

// codeMost is how much is read of it: more takes too long to be asked for.
const codeMost = 512 << 20

// readCode reads what can be executed; with the section that compilers write to alone,
// where it is known.
func (m *image) readCode() (all []code) {
	if s, ok := m.section(".text"); ok && s.len <= codeMost {
		if b, err := m.bytesAt(s.offset, s.len); err == nil {
			return []code{{s.addr, b}}
		}
	}
	return m.readExecutable()
}

// readExecutable is all of it, with the stubs by which libraries are called.
func (m *image) readExecutable() (all []code) {
	for _, s := range m.segments {
		if s.kind != ptLoad || s.flags&flagExecute == 0 || s.len > codeMost {
			continue
		}
		if b, err := m.bytesAt(s.offset, s.len); err == nil {
			all = append(all, code{s.addr, b})
		}
	}
	return all
}

// canFollow reports whether calls can be found in the code of the machine.
func (m *image) canFollow() bool { return m.machine == machineAMD64 || m.machine == machineARM64 }

// Of linux/elf-em.h.
const (
	machineAMD64 = 62
	machineARM64 = 183
)

// eachCall finds direct calls of functions, by their entries: at is where in the code
// the call is. An instruction is not told from what only looks like one, which would
// have to have the very distance to the function in it.
func (m *image) eachCall(c code, targets map[uint64]string, fn func(at int, name string)) {
	if len(targets) == 0 {
		return
	}
	if m.machine == machineARM64 {
		c.eachBL(targets, fn)
		return
	}
	const opcode, length = 0xe8, 5 // CALL rel32
	for i := 0; ; i++ {
		n := bytes.IndexByte(c.bytes[i:], opcode)
		if n < 0 || i+n+length > len(c.bytes) {
			return
		}
		i += n
		distance := int32(binary.LittleEndian.Uint32(c.bytes[i+1:]))
		if name, ok := targets[c.addr+uint64(i+length)+uint64(int64(distance))]; ok {
			fn(i, name)
		}
	}
}

// eachBL finds calls on arm64: BL, with a distance of 26 bits in words.
func (c *code) eachBL(targets map[uint64]string, fn func(at int, name string)) {
	for i := 0; i+4 <= len(c.bytes); i += 4 {
		word := binary.LittleEndian.Uint32(c.bytes[i:])
		if word>>26 != 0b100101 {
			continue
		}
		distance := int64(int32(word<<6)>>6) * 4
		if name, ok := targets[c.addr+uint64(i)+uint64(distance)]; ok {
			fn(i, name)
		}
	}
}

// eachIndirect finds calls through slots that the loader fills (-fno-plt).
func (c *code) eachIndirect(slots map[uint64]string, fn func(at int, name string)) {
	c.eachSlot([]byte{0xff, 0x15}, slots, fn) // CALL [RIP+rel32]
}

// stubs are the pieces of code that jump through such slots (the procedure linkage
// table), by all addresses that they may be called at.
func (c *code) stubs(slots map[uint64]string) map[uint64]string {
	stubs := map[uint64]string{}
	c.eachSlot([]byte{0xff, 0x25}, slots, func(at int, name string) { // JMP [RIP+rel32]
		for _, before := range []int{0, 1, 4, 5} { // BND, ENDBR64, both
			if at >= before {
				stubs[c.addr+uint64(at-before)] = name
			}
		}
	})
	return stubs
}

func (c *code) eachSlot(opcode []byte, slots map[uint64]string, fn func(at int, name string)) {
	const length = 6
	for i := 0; len(slots) > 0; i++ {
		n := bytes.Index(c.bytes[i:], opcode)
		if n < 0 || i+n+length > len(c.bytes) {
			return
		}
		i += n
		distance := int32(binary.LittleEndian.Uint32(c.bytes[i+2:]))
		if name, ok := slots[c.addr+uint64(i+length)+uint64(int64(distance))]; ok {
			fn(i, name)
		}
	}
}
