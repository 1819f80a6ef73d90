package capture

import (
	"errors"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// maxInstructions is the kernel's BPF_MAXINSNS (include/uapi/linux/bpf_common.h).
const maxInstructions = 4096

// assemble makes the classic BPF program of a capture. The kernel keeps as many
// bytes of a frame as the program returns; 0 is none.
func assemble(interfaces []bpf.Instruction, f Filter, snapLen int) ([]bpf.RawInstruction, error) {
	program := slices.Concat(interfaces, content(f, uint32(snapLen)))
	if len(program) > maxInstructions {
		return nil, errors.New("too many interfaces and conditions for one filter")
	}
	return bpf.Assemble(program)
}

// onLinks runs into what follows it for frames of the links, and drops others.
// It is built from its end, as jumps go forward.
func onLinks(links []link) []bpf.Instruction {
	program := []bpf.Instruction{drop}
	for _, l := range links {
		program = slices.Concat(onLink(l, uint32(len(program))), program)
	}
	load := bpf.LoadExtension{Num: bpf.ExtInterfaceIndex}
	return slices.Insert(program, 0, bpf.Instruction(load))
}

// onLink jumps over the rest of the links' program, rest instructions long, when
// the frame belongs to l.
func onLink(l link, rest uint32) []bpf.Instruction {
	accept := bpf.Jump{Skip: rest}
	if !l.loopback {
		return []bpf.Instruction{
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(l.index), SkipTrue: 1},
			accept,
		}
	}
	// A loopback interface shows each frame twice, going out and coming in.
	return []bpf.Instruction{
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(l.index), SkipTrue: 4},
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.PACKET_OUTGOING, SkipTrue: 1},
		drop,
		accept,
	}
}

// onEthernet runs into what follows it for frames of all interfaces, now and
// later, that have Ethernet frames, and drops others.
func onEthernet() []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtLinkLayerType},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ARPHRD_ETHER, SkipTrue: 5},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.ARPHRD_LOOPBACK, SkipTrue: 1},
		drop,
		bpf.LoadExtension{Num: bpf.ExtType},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.PACKET_OUTGOING, SkipTrue: 1},
		drop,
	}
}
