package rtnl

import (
	"encoding/binary"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// routeFilter has the kernel leave out what wanted would: messages of routes that are
// neither default ones nor of Protocol. A router has thousands of those in a second,
// which then neither wake anybody nor take up the room of others.
func routeFilter() ([]bpf.RawInstruction, error) {
	const (
		kind     = 4 // nlmsg_type
		length   = unix.NLMSG_HDRLEN + 1
		protocol = unix.NLMSG_HDRLEN + 5
	)
	return bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: kind, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: loaded(unix.RTM_NEWROUTE), SkipTrue: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: loaded(unix.RTM_DELROUTE), SkipTrue: 4},
		bpf.LoadAbsolute{Off: length, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 2},
		bpf.LoadAbsolute{Off: protocol, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: Protocol, SkipTrue: 1},
		bpf.RetConstant{Val: 1 << 30},
		bpf.RetConstant{Val: 0},
	})
}

// loaded is how a filter sees a number: it reads as if all were in network byte order.
func loaded(n uint16) uint32 {
	return uint32(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, n)))
}
