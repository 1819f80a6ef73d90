package capture

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Of a frame with an IPv4 header (RFC 791, section 3.1).
const (
	ipv4Fragment    = ethernetHeader + 6
	ipv4Protocol    = ethernetHeader + 9
	ipv4Source      = ethernetHeader + 12
	ipv4Destination = ethernetHeader + 16
)

// ipv4Content ends with keep for a frame that f passes.
func ipv4Content(f Filter, keep bpf.Instruction) []bpf.Instruction {
	program := ends{ipv4Source, ipv4Destination}.on(f.Hosts, false)
	if f.TCP || len(f.Ports) > 0 {
		program = append(program,
			bpf.LoadIndirect{Off: ipv4Protocol, Size: 1},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
			drop,
		)
	}
	if len(f.Ports) > 0 {
		program = append(program, toIPv4Payload()...)
		program = append(program, onPorts(f.Ports)...)
	}
	return append(program, keep)
}

// toIPv4Payload moves X to what follows the header, unless the packet is a later
// fragment, which is dropped.
func toIPv4Payload() []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadIndirect{Off: ipv4Fragment, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: 0x1fff, SkipTrue: 1},
		drop,
		bpf.LoadIndirect{Off: ethernetHeader, Size: 1}, // the length in units of 4 bytes
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf},
		bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2},
		bpf.ALUOpX{Op: bpf.ALUOpAdd},
		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: ethernetHeader},
		bpf.TAX{},
	}
}
