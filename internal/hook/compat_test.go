package hook

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/vm"
)

// rawsocket386 is a static 32-bit program, which internal/vm builds for the guest.
const rawsocket386 = "/bin/rawsocket-386"

// TestCompat: a 32-bit program, by socketcall(2) and by socket(2).
func TestCompat(t *testing.T) {
	requireHook(t)
	if !vm.Inside() {
		t.Skip("make test-vm runs this")
	}
	c := newCgroup(t, "compat")
	h := hooked(t, c)
	for _, want := range []string{isMPTCP, isTCP} {
		cmd := exec.Command(rawsocket386)
		if want == isMPTCP {
			cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: c.Fd()}
		}
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Count(string(out), " "+want+"\n") != 4 || strings.Count(string(out), "\n") != 4 {
			t.Errorf("%s prints %q, want four sockets of %s: %v", rawsocket386, out, want, err)
		}
	}
	wantCounts(t, h, 4, 4)
}
