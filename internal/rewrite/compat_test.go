package rewrite_test

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rewrite"
)

// TestCompat: all ways of a 32-bit program, on a kernel of 64 bits.
func TestCompat(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("32-bit programs are of amd64 here")
	}
	program := filepath.Join(readable(t), "compat")
	args := strings.Fields("-m32 -O2 -Wall -ffreestanding -fno-tree-loop-distribute-patterns -nostdlib -static -fno-pic -no-pie -fno-stack-protector testdata/compat.c -o " + program)
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		netnstest.Missing(t, "gcc -m32: "+string(out))
	}
	const tcp = "int80 6 same\nvdso 6 same\nsocketcall 6 same\nudp 17 same\nfault -14 same\nconstant 6 same\n"
	if got := plain(t, program); got != tcp {
		t.Skipf("without us: %q", got)
	}
	got := run(t, rewrite.Options{}, program)
	if want := strings.Replace(tcp, " 6 ", " 262 ", 3); got.out != want {
		t.Errorf("got %q, want %q", got.out, want)
	}
	// Arguments that are constant cannot be changed.
	if s := got.sockets; s.Converted != 3 || s.Seen != 4 || s.Left[0].Reason != "the arguments cannot be changed: bad address" {
		t.Errorf("counted %+v", s)
	}
	got = run(t, rewrite.Options{Require: true}, program)
	if want := strings.Replace(strings.Replace(tcp, " 6 ", " 262 ", 3), "constant 6", "constant -93", 1); got.out != want {
		t.Errorf("MPTCP required: got %q, want %q", got.out, want)
	}
	if s := got.sockets; s.Converted != 3 || s.Seen != 4 || len(s.Refused) != 1 {
		t.Errorf("MPTCP required: counted %+v", s)
	}
	got = run(t, rewrite.Options{}, compiled(t, "habits"), "off", program)
	if got.out != tcp || got.sockets.Converted != 0 || got.sockets.Seen != 4 {
		t.Errorf("MPTCP switched off: got %q %+v", got.out, got.sockets)
	}
}
