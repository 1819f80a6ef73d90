package capture

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// maxExtensions is how many IPv6 extension headers are skipped on the way to
// TCP. Classic BPF has no loops: each costs instructions.
const maxExtensions = 6

const (
	ethernetHeader = 14
	vlanTag        = 4
	etherType      = 12                  // of an untagged frame
	ipv4Protocol   = ethernetHeader + 9  // RFC 791, section 3.1
	ipv6NextHeader = ethernetHeader + 6  // RFC 8200, section 3
	ipv6End        = ethernetHeader + 40 // where extension headers begin
)

// tcpOnly keeps snapLen bytes of a frame that carries TCP, and nothing of any
// other. See Filter for what it recognises. A load from beyond the frame's end
// ends the program and drops the frame.
func tcpOnly(snapLen uint32) []bpf.Instruction {
	keep, drop := bpf.RetConstant{Val: snapLen}, bpf.RetConstant{Val: 0}
	program := []bpf.Instruction{
		// X is what a VLAN tag adds to every offset.
		bpf.LoadConstant{Dst: bpf.RegX, Val: 0},
		bpf.LoadAbsolute{Off: etherType, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ETH_P_8021Q, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.ETH_P_8021AD, SkipTrue: 2},
		bpf.LoadConstant{Dst: bpf.RegX, Val: vlanTag},
		bpf.LoadAbsolute{Off: etherType + vlanTag, Size: 2},

		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.ETH_P_IP, SkipTrue: 4},
		bpf.LoadIndirect{Off: ipv4Protocol, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		keep,
		drop,

		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ETH_P_IPV6, SkipTrue: 1},
		drop,
		bpf.LoadIndirect{Off: ipv6NextHeader, Size: 1},
		bpf.StoreScratch{Src: bpf.RegA},
		bpf.TXA{},
		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: ipv6End},
		bpf.TAX{},
		bpf.LoadScratch{Dst: bpf.RegA},
	}
	for range maxExtensions {
		program = append(program, skipExtension(keep, drop)...)
	}
	return append(program,
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		keep,
		drop,
	)
}

// skipExtension goes on from one IPv6 header to the next: A is the type of the
// header at X, before and after.
func skipExtension(keep, drop bpf.Instruction) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		keep,
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
		keep,
		drop,
		bpf.LoadConstant{Dst: bpf.RegA, Val: 0},

		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: 8},
		bpf.ALUOpX{Op: bpf.ALUOpAdd},
		bpf.TAX{},
		bpf.LoadScratch{Dst: bpf.RegA},
	}
}
