package lab_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// elsewhereVar tells a test program that it runs a single test elsewhere.
const elsewhereVar = "ALLROADS_LAB_TEST_ELSEWHERE"

// forbiddenCode is how a process exits that may not do what a test needs.
const forbiddenCode = 75

// isElsewhere reports whether settle has been at work.
var isElsewhere bool

// elsewhere runs the calling test again, in a process that has a mount
// namespace of its own with an empty /run. What the test does under /run/netns
// and /run/allroads is seen by nobody and ends with it. In that process
// elsewhere returns true; in this one it returns false when the test is over.
// flags may ask for more new namespaces.
func elsewhere(t *testing.T, flags uintptr) bool {
	t.Helper()
	netnstest.Require(t)
	if isElsewhere {
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.v", "-test.run=^"+regexp.QuoteMeta(t.Name())+"$")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", elsewhereVar+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Unshareflags: unix.CLONE_NEWNS}
	if flags&unix.CLONE_NEWUSER != 0 {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	output, err := cmd.CombinedOutput()
	switch {
	case cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == forbiddenCode:
		netnstest.Missing(t, fmt.Sprintf("mount namespace of its own: %v\n%s", err, output))
	case err != nil:
		t.Fatalf("elsewhere: %v\n%s", err, output)
	case strings.Contains(string(output), "--- SKIP: "+t.Name()+" "):
		t.Skipf("elsewhere:\n%s", output)
	case !strings.Contains(string(output), "--- PASS: "+t.Name()+" "):
		t.Fatalf("elsewhere: the test did not run\n%s", output)
	}
	t.Logf("elsewhere:\n%s", output)
	return false
}

// settle puts an empty directory in the place of /run. The mount namespace is
// cut off from the system's already, by os/exec.
func settle() {
	os.Unsetenv(elsewhereVar)
	if err := unix.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
		fmt.Fprintln(os.Stderr, "mount an empty /run:", err)
		os.Exit(forbiddenCode)
	}
	isElsewhere = true
}
