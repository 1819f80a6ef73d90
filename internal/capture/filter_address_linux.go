package capture

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/net/bpf"
)

// ends is where a header has its addresses, from X on.
type ends struct{ source, destination uint32 }

// on goes on behind it where each prefix has one of the addresses in it. A prefix
// of the other version has none.
func (e ends) on(prefixes []netip.Prefix, v6 bool) (program []bpf.Instruction) {
	for _, prefix := range prefixes {
		if prefix.Addr().Is6() != v6 {
			return []bpf.Instruction{drop}
		}
		words := wordsOf(prefix)
		program = append(program, within(words, e.source)...)
		program = append(program, bpf.Jump{Skip: 3*uint32(len(words)) + 2})
		program = append(program, within(words, e.destination)...)
		program = append(program, bpf.Jump{Skip: 1}, drop)
	}
	return program
}

// A masked word is 32 bits of an address.
type masked struct{ value, mask uint32 }

func wordsOf(prefix netip.Prefix) (words []masked) {
	address := prefix.Masked().Addr().AsSlice()
	for left := prefix.Bits(); left > 0; left -= 32 {
		mask := ^uint32(0) << (32 - min(left, 32))
		words = append(words, masked{binary.BigEndian.Uint32(address), mask})
		address = address[4:]
	}
	return words
}

// within goes on behind it where the address at an offset has these words, and one
// instruction further where it has not.
func within(words []masked, offset uint32) (program []bpf.Instruction) {
	for i, w := range words {
		program = append(program,
			bpf.LoadIndirect{Off: offset + 4*uint32(i), Size: 4},
			bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: w.mask},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: w.value, SkipFalse: uint8(3*(len(words)-1-i) + 1)},
		)
	}
	return program
}
