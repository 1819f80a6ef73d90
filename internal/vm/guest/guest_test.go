package guest

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/vm"
)

// needGuest: these tests look at the machine around them.
func needGuest(t *testing.T) {
	if !vm.Inside() {
		t.Skip("this is for a virtual machine: see internal/vm")
	}
}

// TestSystem: what a test may count on in the guest.
func TestSystem(t *testing.T) {
	needGuest(t)
	if os.Getuid() != 0 {
		t.Errorf("the user is %d", os.Getuid())
	}
	for _, path := range []string{"/proc/self", "/sys/kernel/btf/vmlinux", "/sys/fs/cgroup/cgroup.procs", "/dev/null", "/dev/ptmx"} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	state, err := os.ReadFile("/sys/class/net/lo/flags")
	if err != nil || strings.TrimSpace(string(state)) != "0x9" {
		t.Errorf("lo has the flags %q, not up: %v", state, err)
	}
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	t.Logf("kernel %s", release)
}

func TestModule(t *testing.T) {
	needGuest(t)
	modules, err := os.ReadFile("/proc/modules")
	if err != nil || !strings.Contains(string(modules), "mptcp_diag ") {
		t.Errorf("module mptcp_diag is not loaded: %v\n%s", err, modules)
	}
}

// TestCommand: a program of the host, with its libraries.
func TestCommand(t *testing.T) {
	needGuest(t)
	out, err := exec.Command("ss", "-Mnl").CombinedOutput()
	if err != nil {
		t.Errorf("ss: %v: %s", err, out)
	}
}

// TestSkipped is one that a guest cannot pass.
func TestSkipped(t *testing.T) { t.Skip("always") }

// TestFailed is another.
func TestFailed(t *testing.T) {
	needGuest(t)
	t.Error("always, in a guest")
}

// TestCrash is the last that its machine does.
func TestCrash(t *testing.T) {
	needGuest(t)
	if err := os.WriteFile("/proc/sysrq-trigger", []byte("c"), 0); err != nil {
		t.Error(err)
	}
}
