package program

import (
	"path/filepath"
	"runtime"
	"testing"
)

const callsUring = "#define _GNU_SOURCE\n#include <unistd.h>\n#include <sys/syscall.h>\nint main(void) { char p[120] = {0}; return syscall(425, 1, p); }\n"

const rawUring = "int main(void) { long r; __asm__ volatile(\"syscall\" : \"=a\"(r) : \"0\"(425L), \"D\"(1L), \"S\"(0L) : \"rcx\", \"r11\", \"memory\"); return r; }\n"

const goRing = "package main\nimport \"syscall\"\nfunc main() { syscall.Syscall(425, 1, 0, 0) }\n"

// TestUring: what is linked with liburing is seen, a call by number is possible, and
// of others nothing is claimed.
func TestUring(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("a compiler for amd64 is needed")
	}
	folder := t.TempDir()
	library := filepath.Join(folder, "liburing.so.2")
	run(t, nil, "gcc", "-shared", "-fPIC", "-Wl,-soname,liburing.so.2", "-o", library, write(t, "ring.c", "int io_uring_queue_init(void) { return 0; }\n", 0o600))
	other := filepath.Join(folder, "libother.so")
	run(t, nil, "gcc", "-shared", "-fPIC", "-Wl,-soname,libother.so", "-o", other, write(t, "ring.c", "int io_uring_queue_init(void) { return 0; }\n", 0o600))
	calls := "int io_uring_queue_init(void);\nint main(void) { return io_uring_queue_init(); }\n"
	for _, c := range []struct {
		name, path string
		want       Certainty
	}{
		{"plain", madeC(t, plainC), NotSeen},
		{"static", madeC(t, plainC, "-static"), NotSeen},
		{"liburing", madeC(t, calls, library), Seen},
		{"another library", madeC(t, calls, other), Seen},
		{"by number", madeC(t, callsUring, "-O2"), Possible},
		{"by number, static", madeC(t, callsUring, "-O2", "-static"), Possible},
		{"by itself", madeC(t, rawUring, "-O2"), Possible},
		{"-fno-plt", madeC(t, callsUring, "-O2", "-fno-plt"), Possible},
		{"go", madeGo(t, goRing, nil), Possible},
		{"go without", madeGo(t, dials1, nil), NotSeen},
		{"of 32 bits", madeGo(t, without, []string{"GOARCH=386"}), NotSeen},
	} {
		if u := examined(t, c.path).Uring; u.Certainty != c.want || u.Why == "" {
			t.Errorf("%s: %+v, want %s", c.name, u, c.want)
		}
	}
}
