package seccomp

import (
	"encoding/binary"
	"math"
	"runtime"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

const picked = unix.SECCOMP_RET_USER_NOTIF

// verdict is what a filter says to a call, by the VM of x/net/bpf, which reads words as
// of the network.
func verdict(t *testing.T, f Filter, d Data) bool {
	t.Helper()
	vm, err := bpf.NewVM(f.program(picked))
	if err != nil {
		t.Fatal(err)
	}
	words := []uint32{d.Number, d.Arch}
	for _, long := range append([]uint64{d.IP}, d.Args[:]...) {
		low, high := uint32(long), uint32(long>>32)
		if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
			low, high = high, low
		}
		words = append(words, low, high)
	}
	var packet []byte
	for _, w := range words {
		packet = binary.BigEndian.AppendUint32(packet, w)
	}
	got, err := vm.Run(packet)
	if err != nil {
		t.Fatal(err)
	}
	// The VM returns an int, of which only the low half is of the filter.
	switch uint32(got) {
	case picked & math.MaxUint32:
		return true
	case unix.SECCOMP_RET_ALLOW & math.MaxUint32:
		return false
	}
	t.Fatalf("verdict %#x", got)
	return false
}

// numbers of the kernel's tables (arch/x86/entry/syscalls), as others have them.
var numbers = map[string]struct{ arch, socket, socketcall, bind, connect, seccomp, getppid uint32 }{
	"amd64": {0xc000003e, 41, none, 49, 42, 317, 110},
	"x32":   {0xc000003e, 0x40000029, none, 0x40000031, 0x4000002a, 0x4000013d, 0x4000006e},
	"i386":  {0x40000003, 359, 102, 361, 362, 354, 64},
}

// TestFilter runs each filter on each call.
func TestFilter(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the numbers here are those of amd64")
	}
	const stream, cloexec, tcp = unix.SOCK_STREAM, unix.SOCK_CLOEXEC | unix.SOCK_NONBLOCK, unix.IPPROTO_TCP
	sockets, addresses := Filter{Sockets: true}, Filter{Addresses: true}
	rings, listeners, all := Filter{Rings: true}, Filter{Listeners: true}, Filter{true, true, true, true}
	for name, n := range numbers {
		for _, c := range []struct {
			what   string
			number uint32
			args   [6]uint64
			by     []Filter
		}{
			{"inet", n.socket, [6]uint64{2, stream, 0}, []Filter{sockets}},
			{"inet6 with flags", n.socket, [6]uint64{10, stream | cloexec, tcp}, []Filter{sockets}},
			{"high halves", n.socket, [6]uint64{2 | 1<<32, stream | 7<<40, tcp | 1<<63}, []Filter{sockets}},
			{"unix", n.socket, [6]uint64{1, stream, 0}, nil},
			{"datagram", n.socket, [6]uint64{2, 2, 0}, nil},
			{"seqpacket", n.socket, [6]uint64{2, 5, 0}, nil},
			{"raw", n.socket, [6]uint64{2, 3, tcp}, nil},
			{"stream and a bit", n.socket, [6]uint64{2, stream | 0x10, 0}, nil},
			{"sctp", n.socket, [6]uint64{2, stream, 132}, nil},
			{"mptcp", n.socket, [6]uint64{2, stream, 262}, nil},
			{"negative", n.socket, [6]uint64{2, stream, 0xffffffff}, nil},
			{"socketcall socket", n.socketcall, [6]uint64{1, 0x1000}, []Filter{sockets}},
			{"socketcall bind", n.socketcall, [6]uint64{2, 0x1000}, []Filter{addresses}},
			{"socketcall connect", n.socketcall, [6]uint64{3, 0x1000}, []Filter{addresses}},
			{"socketcall listen", n.socketcall, [6]uint64{4, 0x1000}, nil},
			{"bind", n.bind, [6]uint64{3, 0x1000, 16}, []Filter{addresses}},
			{"connect", n.connect, [6]uint64{3, 0x1000, 16}, []Filter{addresses}},
			{"io_uring_setup", ring | n.socket&0x40000000, [6]uint64{1}, []Filter{rings}},
			{"listener", n.seccomp, [6]uint64{1, 8 | 1}, []Filter{listeners}},
			{"filter without", n.seccomp, [6]uint64{1, 0xfffffff7}, nil},
			{"strict", n.seccomp, [6]uint64{0, 8}, nil},
			{"getppid", n.getppid, [6]uint64{2, stream, 0}, nil},
		} {
			if c.number == none {
				continue
			}
			d := Data{Number: c.number, Arch: n.arch, Args: c.args}
			for _, f := range []Filter{{}, sockets, addresses, rings, listeners} {
				want := false
				for _, by := range c.by {
					want = want || f == by
				}
				if got := verdict(t, f, d); got != want {
					t.Errorf("%s, %s: %+v picks it: %v", name, c.what, f, got)
				}
			}
			if got := verdict(t, all, d); got != (c.by != nil) {
				t.Errorf("%s, %s: the whole filter picks it: %v", name, c.what, got)
			}
		}
	}
}

// TestForeign: another machine's calls are not picked, whatever their number.
func TestForeign(t *testing.T) {
	all := Filter{true, true, true, true}
	for number := range uint32(512) {
		if verdict(t, all, Data{Number: number, Arch: unix.AUDIT_ARCH_MIPS, Args: [6]uint64{2, 1, 0}}) {
			t.Errorf("call %d of MIPS is picked", number)
		}
	}
}

// TestSize: a filter runs at each system call.
func TestSize(t *testing.T) {
	program, err := Filter{true, true, true, true}.assemble(picked)
	if err != nil || len(program) > 120 {
		t.Errorf("%d instructions, %v", len(program), err)
	}
}
