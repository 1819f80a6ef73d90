package program

import "encoding/binary"

// register is how a constant comes to a register of amd64: MOV r32, imm32, and XOR of
// it with itself for zero.
type register struct {
	move byte
	zero [2]byte
}

// Where arguments are: in C by the System V ABI, in Go by its own (since Go 1.17).
var (
	registersC  = [2]register{{0xbe, [2]byte{0x31, 0xf6}}, {0xba, [2]byte{0x31, 0xd2}}} // ESI, EDX
	registersGo = [2]register{{0xbb, [2]byte{0x31, 0xdb}}, {0xb9, [2]byte{0x31, 0xc9}}} // BX, CX
	registerEAX = register{0xb8, [2]byte{0x31, 0xc0}}
	registerEDI = register{0xbf, [2]byte{0x31, 0xff}}
)

// backwards is how many bytes before a call its arguments are looked for.
const backwards = 64

// before reads the constant that a register has at a call: what was last moved there.
// It does not follow jumps, and so may be wrong; together with what it is compared
// to, rarely.
func (r register) before(b []byte, at int) (value uint32, ok bool) {
	for i := at - 2; i >= max(0, at-backwards); i-- {
		if b[i] == r.move && i+5 <= at {
			if value := binary.LittleEndian.Uint32(b[i+1:]); value < 1<<10 {
				return value, true
			}
		}
		if b[i] == r.zero[0] && b[i+1] == r.zero[1] {
			return 0, true
		}
	}
	return 0, false
}
