package seccomp

import (
	"errors"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestDecode(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the numbers here are those of amd64")
	}
	// What socketcall() points to is in the memory of this test.
	memory := []uint32{unix.AF_INET6, unix.SOCK_STREAM | unix.SOCK_CLOEXEC, unix.IPPROTO_TCP}
	there := uint64(uintptr(unsafe.Pointer(&memory[0])))
	native, compat := numbers["amd64"], numbers["i386"]
	for _, c := range []struct {
		number, arch uint32
		args         [6]uint64
		kind         Kind
		stream       bool
	}{
		{native.socket, native.arch, [6]uint64{2, unix.SOCK_STREAM | unix.SOCK_NONBLOCK, 0}, Socket, true},
		{numbers["x32"].socket, native.arch, [6]uint64{2, unix.SOCK_STREAM, 0}, Socket, true},
		{native.socket, native.arch, [6]uint64{2, unix.SOCK_DGRAM, 0}, Socket, false},
		{native.bind, native.arch, [6]uint64{3}, Bind, false},
		{native.connect, native.arch, [6]uint64{3}, Connect, false},
		{native.seccomp, native.arch, [6]uint64{1, 8}, OwnListener, false},
		{ring, native.arch, [6]uint64{1}, Ring, false},
		{compat.socket, compat.arch, [6]uint64{10, unix.SOCK_STREAM, 6}, Socket, true},
		{compat.socketcall, compat.arch, [6]uint64{1, there}, Socket, true},
		{compat.socketcall, compat.arch, [6]uint64{2, there}, Bind, false},
		{compat.socketcall, compat.arch, [6]uint64{3, there}, Connect, false},
		{compat.socketcall, compat.arch, [6]uint64{4, there}, Other, false},
		{compat.getppid, compat.arch, [6]uint64{}, Other, false},
		{0, 1, [6]uint64{2, 1}, Other, false},
	} {
		call, err := Data{Number: c.number, Arch: c.arch, Args: c.args}.Decode(os.Getpid())
		if err != nil || call.Kind != c.kind || call.Stream() != c.stream {
			t.Errorf("call %d of %#x: %+v, %v", c.number, c.arch, call, err)
		}
	}
	call, err := Data{Number: 102, Arch: compat.arch, Args: [6]uint64{1, there}}.Decode(os.Getpid())
	if err != nil || call.Family() != unix.AF_INET6 || call.Protocol() != unix.IPPROTO_TCP || !call.CloseOnExec() || call.NonBlocking() {
		t.Errorf("socketcall: %+v, %v", call, err)
	}
	if _, err := (Data{Number: 102, Arch: compat.arch, Args: [6]uint64{1, 16}}).Decode(os.Getpid()); !errors.Is(err, unix.EFAULT) {
		t.Errorf("socketcall of nothing: %v, want EFAULT", err)
	}
	runtime.KeepAlive(memory)
}
