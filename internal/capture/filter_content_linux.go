package capture

import (
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const (
	ethernetHeader = 14
	vlanTag        = 4
	etherType      = 12 // of an untagged frame
)

var drop = bpf.RetConstant{Val: 0}

// content keeps snapLen bytes of a frame that f passes, and nothing of any other.
// A load from beyond the frame's end ends the program and drops the frame.
func content(f Filter, snapLen uint32) []bpf.Instruction {
	keep := bpf.RetConstant{Val: snapLen}
	if !f.TCP && len(f.Hosts) == 0 && len(f.Ports) == 0 {
		return []bpf.Instruction{keep}
	}
	v4, v6 := ipv4Content(f, keep), ipv6Content(f, keep)
	program := []bpf.Instruction{
		// X is what a VLAN tag adds to every offset.
		bpf.LoadConstant{Dst: bpf.RegX, Val: 0},
		bpf.LoadAbsolute{Off: etherType, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ETH_P_8021Q, SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.ETH_P_8021AD, SkipTrue: 2},
		bpf.LoadConstant{Dst: bpf.RegX, Val: vlanTag},
		bpf.LoadAbsolute{Off: etherType + vlanTag, Size: 2},

		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ETH_P_IP, SkipTrue: 1},
		bpf.Jump{Skip: uint32(len(v4))},
	}
	program = append(program, v4...)
	program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ETH_P_IPV6, SkipTrue: 1}, drop)
	return append(program, v6...)
}

// onPorts goes on behind it where each port is one of those at X, of a TCP header.
func onPorts(ports []uint16) (program []bpf.Instruction) {
	for _, port := range ports {
		program = append(program,
			bpf.LoadIndirect{Off: 0, Size: 2},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(port), SkipTrue: 3},
			bpf.LoadIndirect{Off: 2, Size: 2},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(port), SkipTrue: 1},
			drop,
		)
	}
	return program
}
