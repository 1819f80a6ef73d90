package hook

import (
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"
)

// target is the kernel's function, of net/socket.c:
//
//	int update_socket_protocol(int family, int type, int protocol)
const target = "update_socket_protocol"

const typeMask = 0xf // SOCK_TYPE_MASK of include/linux/net.h: what is above are flags.

// Where the function's arguments are in the context, eight bytes each. Only the
// lower four have the argument.
const (
	argFamily   = 0
	argType     = 8
	argProtocol = 16
)

// Where the counters are in a value of the map of counts.
const (
	countSeen      = 0
	countConverted = 8
	countBytes     = 16
)

// Names that instructions and maps go by.
const (
	mapCgroup   = "allroads_cgroup"
	mapCounts   = "allroads_counts"
	programName = "allroads_hook"
)

// copies are the programs of one hook, all alike. The kernel does not enter a program
// a second time on one processor (bpf_prog.active in kernel/bpf/trampoline.c): where
// it preempts a task in the first copy, another task's call finds the second. A call
// that is converted by one does not come to the other. More copies would take the
// place of other hooks. 40 threads that did nothing but socket(2), on one processor
// with preempt=full, missed up to an eighth of the calls with one copy; with two, none
// in eight runs of nine.
const copies = 2

// instructions are the program. To answer 0 lets the kernel's own function go on;
// anything else is the protocol.
func instructions(ipv6 bool) asm.Instructions {
	all := matching()
	all = append(all, counting()...)
	if !ipv6 {
		all = append(all,
			asm.LoadMem(asm.R1, asm.R6, argFamily, asm.DWord),
			asm.JEq.Imm32(asm.R1, unix.AF_INET6, "tcp"))
	}
	all = append(all, increment(countConverted)...)
	all = append(all, asm.Mov.Imm(asm.R0, unix.IPPROTO_MPTCP), asm.Return())
	if !ipv6 { // The same as to leave it, but the other copy does not count it again.
		all = append(all, asm.Mov.Imm(asm.R0, unix.IPPROTO_TCP).WithSymbol("tcp"), asm.Return())
	}
	return append(all, asm.Mov.Imm(asm.R0, 0).WithSymbol("leave"), asm.Return())
}

// matching goes on with sockets of TCP that tasks of the cgroup make. The cheap
// questions come first: most of a host's sockets are something else.
func matching() asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(asm.R6, asm.R1), // the context
		asm.LoadMem(asm.R2, asm.R6, argFamily, asm.DWord),
		asm.JEq.Imm32(asm.R2, unix.AF_INET, "type"),
		asm.JNE.Imm32(asm.R2, unix.AF_INET6, "leave"),
		asm.LoadMem(asm.R2, asm.R6, argType, asm.DWord).WithSymbol("type"),
		asm.And.Imm32(asm.R2, typeMask),
		asm.JNE.Imm32(asm.R2, unix.SOCK_STREAM, "leave"),
		asm.LoadMem(asm.R2, asm.R6, argProtocol, asm.DWord),
		asm.JEq.Imm32(asm.R2, 0, "cgroup"),
		asm.JNE.Imm32(asm.R2, unix.IPPROTO_TCP, "leave"),
		// The map has the cgroup itself, so no number of it or of its level has to
		// be known, which a cgroup namespace would hide.
		asm.LoadMapPtr(asm.R1, 0).WithReference(mapCgroup).WithSymbol("cgroup"),
		asm.Mov.Imm(asm.R2, 0),
		asm.FnCurrentTaskUnderCgroup.Call(),
		asm.JNE.Imm32(asm.R0, 1, "leave"), // 0: another's task; negative: no cgroup there
	}
}

// counting finds this processor's counters, which R7 has afterwards.
func counting() asm.Instructions {
	find := asm.Instructions{
		asm.StoreImm(asm.RFP, -4, 0, asm.Word),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, -4),
		asm.LoadMapPtr(asm.R1, 0).WithReference(mapCounts),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, "leave"), // It never is, which the verifier cannot know.
		asm.Mov.Reg(asm.R7, asm.R0),
	}
	return append(find, increment(countSeen)...)
}

// increment is atomic for the other copy's sake, which may come in between.
func increment(counter int16) asm.Instructions {
	return asm.Instructions{
		asm.Mov.Imm(asm.R1, 1),
		asm.AddAtomic.Mem(asm.R7, asm.R1, asm.DWord, counter),
	}
}

// specification is the programs with their maps.
func specification(ipv6 bool) *ebpf.CollectionSpec {
	spec := &ebpf.CollectionSpec{
		Maps: map[string]*ebpf.MapSpec{
			mapCgroup: {Name: mapCgroup, Type: ebpf.CGroupArray, KeySize: 4, ValueSize: 4, MaxEntries: 1},
			mapCounts: {Name: mapCounts, Type: ebpf.PerCPUArray, KeySize: 4, ValueSize: countBytes, MaxEntries: 1},
		},
		Programs: map[string]*ebpf.ProgramSpec{},
	}
	for i := range copies {
		spec.Programs[copyName(i)] = &ebpf.ProgramSpec{
			Name:         programName,
			Type:         ebpf.Tracing,
			AttachType:   ebpf.AttachModifyReturn,
			AttachTo:     target,
			Instructions: instructions(ipv6),
			License:      "Apache-2.0",
		}
	}
	return spec
}

// copyName is what one of the programs goes by.
func copyName(i int) string { return fmt.Sprint(programName, i) }
