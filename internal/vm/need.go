package vm

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Variables of the environment.
const (
	askVariable     = "ALLROADS_VM"         // 1: run virtual machines where that is possible.
	requireVariable = "ALLROADS_REQUIRE_VM" // 1: run them, or fail.

	// InsideVariable is 1 in the guest.
	InsideVariable = "ALLROADS_IN_VM"
)

// Inside reports whether this process runs in a virtual machine of this package,
// where a test that cannot run has to fail.
func Inside() bool { return os.Getenv(InsideVariable) == "1" }

func required() bool { return os.Getenv(requireVariable) == "1" }

// Missing skips a test for want of something that virtual machines need, or fails
// it when ALLROADS_REQUIRE_VM=1.
func Missing(t testing.TB, what string) {
	t.Helper()
	if required() {
		t.Fatalf("%s=1, but missing: %s", requireVariable, what)
	}
	t.Skipf("missing: %s", what)
}

// programs are what a virtual machine takes, and the Debian packages they are in.
var programs = []struct{ name, debian string }{
	{"qemu-system-x86_64", "qemu-system-x86"},
	{"apt-get", "apt"},
	{"dpkg-deb", "dpkg"},
	{"xz", "xz-utils"},
	{"go", "golang"},
}

// require skips the test unless virtual machines are asked for and can be had.
func require(t testing.TB) {
	t.Helper()
	if os.Getenv(askVariable) != "1" && !required() {
		t.Skipf("virtual machines are not asked for: %s=1, or make test-vm, does", askVariable)
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p.name); err != nil {
			Missing(t, fmt.Sprintf("program %s, of the Debian package %s", p.name, p.debian))
		}
	}
}
