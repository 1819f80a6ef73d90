// Package seccomp picks system calls of a program and its children, with filters of
// the kernel's seccomp(2), for somebody else to answer: a listener (user notification)
// or a tracer. Calls that are not picked cost the few instructions of the filter.
package seccomp

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Filter says which calls are picked. The zero Filter picks none.
type Filter struct {
	// Sockets picks socket() of IPv4 and IPv6 stream sockets with protocol 0 or
	// IPPROTO_TCP. Of socketcall(2), whose arguments are in memory, all that makes
	// a socket is picked.
	Sockets bool
	// Addresses picks bind() and connect(), of sockets of any kind.
	Addresses bool
	// Rings picks io_uring_setup().
	Rings bool
	// Listeners picks seccomp() that wants a listener of its own.
	Listeners bool
}

// assemble makes the program of a filter; action is what becomes of what it picks
// (SECCOMP_RET_*).
func (f Filter) assemble(action uint32) ([]unix.SockFilter, error) {
	raw, err := bpf.Assemble(f.program(action))
	if err != nil {
		return nil, fmt.Errorf("assemble seccomp filter: %w", err)
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return filter, nil
}

// program tells the calling conventions apart.
func (f Filter) program(action uint32) []bpf.Instruction {
	program := []bpf.Instruction{bpf.LoadAbsolute{Off: 4, Size: 4}} // seccomp_data.arch
	for _, a := range abis {
		block := f.block(a, action)
		program = append(program, bpf.JumpIf{Cond: bpf.JumpEqual, Val: a.arch, SkipFalse: uint8(len(block))})
		program = append(program, block...)
	}
	return append(program, allow)
}

var allow = bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}

// block is the part for one calling convention. It always returns.
func (f Filter) block(a abi, action uint32) []bpf.Instruction {
	pick := bpf.RetConstant{Val: action}
	block := []bpf.Instruction{bpf.LoadAbsolute{Off: 0, Size: 4}} // seccomp_data.nr
	if a.variant != 0 {
		block = append(block, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: ^a.variant})
	}
	add := func(wanted bool, number uint32, body ...bpf.Instruction) {
		if !wanted || number == none {
			return
		}
		block = append(block, bpf.JumpIf{Cond: bpf.JumpEqual, Val: number, SkipFalse: uint8(len(body))})
		block = append(block, body...)
	}
	add(f.Sockets, a.socket, streams(pick)...)
	add(f.Sockets || f.Addresses, a.socketcall, f.socketcall(pick)...)
	add(f.Addresses, a.bind, pick)
	add(f.Addresses, a.connect, pick)
	add(f.Rings, ring, pick)
	add(f.Listeners, a.seccomp,
		argument(0),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SECCOMP_SET_MODE_FILTER, SkipTrue: 2},
		argument(1),
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, SkipTrue: 1},
		allow, pick)
	return append(block, allow)
}

// streams picks by the arguments of socket().
func streams(pick bpf.Instruction) []bpf.Instruction {
	return []bpf.Instruction{
		argument(0),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_INET6, SkipTrue: 1},
		allow,
		argument(1),
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: ^uint32(typeFlags)},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SOCK_STREAM, SkipTrue: 1},
		allow,
		argument(2),
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
		allow,
		pick,
	}
}

// socketcall picks by what a socketcall() does (linux/net.h, SYS_*).
func (f Filter) socketcall(pick bpf.Instruction) []bpf.Instruction {
	body := []bpf.Instruction{argument(0)}
	if f.Sockets {
		body = append(body, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 1, SkipTrue: 1}, pick)
	}
	if f.Addresses {
		body = append(body,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 2, SkipTrue: 1}, pick,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: 3, SkipTrue: 1}, pick)
	}
	return append(body, allow)
}

// argument loads the low half of an argument: the kernel takes an int from each.
func argument(i uint32) bpf.Instruction {
	offset := 16 + 8*i // seccomp_data.args
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		offset += 4
	}
	return bpf.LoadAbsolute{Off: offset, Size: 4}
}

// typeFlags may be in the type of a socket.
const typeFlags = unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK
