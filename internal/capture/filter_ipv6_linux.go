package capture

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// maxExtensions is how many IPv6 extension headers are skipped on the way to
// TCP. Classic BPF has no loops: each costs instructions.
const maxExtensions = 6

// Of a frame with an IPv6 header (RFC 8200, section 3).
const (
	ipv6NextHeader  = ethernetHeader + 6
	ipv6Source      = ethernetHeader + 8
	ipv6Destination = ethernetHeader + 24
	ipv6End         = ethernetHeader + 40 // where extension headers begin
)

// ipv6Content ends with keep for a frame that f passes.
func ipv6Content(f Filter, keep bpf.Instruction) []bpf.Instruction {
	program := ends{ipv6Source, ipv6Destination}.on(f.Hosts, true)
	switch {
	case len(f.Ports) > 0:
		program = append(program, toTCP(found{}, drop)...)
		program = append(program, onPorts(f.Ports)...)
		return append(program, keep)
	case f.TCP:
		return append(program, toTCP(keep, keep)...)
	}
	return append(program, keep)
}

// found stands for a jump to the end of toTCP.
type found struct{ bpf.Instruction }

// toTCP runs into at where X is at a TCP header, into later where the packet is a
// later fragment of TCP, and drops what else there is.
func toTCP(at, later bpf.Instruction) []bpf.Instruction {
	program := []bpf.Instruction{
		bpf.LoadIndirect{Off: ipv6NextHeader, Size: 1},
		bpf.StoreScratch{Src: bpf.RegA},
		bpf.TXA{},
		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: ipv6End},
		bpf.TAX{},
		bpf.LoadScratch{Dst: bpf.RegA},
	}
	for range maxExtensions {
		program = append(program, skipExtension(at, later)...)
	}
	program = append(program,
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		at,
		drop,
	)
	for i := range program {
		if _, ok := program[i].(found); ok {
			program[i] = bpf.Jump{Skip: uint32(len(program) - 1 - i)}
		}
	}
	return program
}

// skipExtension goes on from one IPv6 header to the next: A is the type of the
// header at X, before and after.
func skipExtension(at, later bpf.Instruction) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		at,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_FRAGMENT, SkipTrue: 9},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_HOPOPTS, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_ROUTING, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_DSTOPTS, SkipTrue: 1},
		drop,

		// The next header's type, and the length in units of 8 bytes less one.
		bpf.LoadIndirect{Off: 0, Size: 1},
		bpf.StoreScratch{Src: bpf.RegA},
		bpf.LoadIndirect{Off: 1, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 3},
		bpf.Jump{Skip: 9},

		// A fragment header has 8 bytes, and headers after it only where the
		// fragment offset is 0.
		bpf.LoadIndirect{Off: 0, Size: 1},
		bpf.StoreScratch{Src: bpf.RegA},
		bpf.LoadIndirect{Off: 2, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: 0xfff8, SkipTrue: 4},
		bpf.LoadScratch{Dst: bpf.RegA},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		later,
		drop,
		bpf.LoadConstant{Dst: bpf.RegA, Val: 0},

		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: 8},
		bpf.ALUOpX{Op: bpf.ALUOpAdd},
		bpf.TAX{},
		bpf.LoadScratch{Dst: bpf.RegA},
	}
}
