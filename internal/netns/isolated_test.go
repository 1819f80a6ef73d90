package netns_test

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

const isolatedVariable = "NETNS_TEST_ISOLATED"

// isolated runs the calling test again in a process whose mounts are its own
// and whose /run is empty, so that names can be made there, by an ordinary user
// too, and nothing is left on the machine. It reports true there.
func isolated(t *testing.T) bool {
	t.Helper()
	netnstest.Require(t)
	if os.Getenv(isolatedVariable) == t.Name() {
		emptyRun(t)
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), isolatedVariable+"="+t.Name(), quickExit)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if bytes.Contains(out, []byte("--- SKIP")) {
		t.Skipf("%s", out)
	}
	return false
}

func emptyRun(t *testing.T) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", "/run", "tmpfs", 0, ""); err != nil {
		netnstest.Missing(t, "a /run of its own: "+err.Error())
	}
}
