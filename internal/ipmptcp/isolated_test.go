package ipmptcp_test

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

const isolatedVariable = "IPMPTCP_TEST_ISOLATED"

// isolated runs the calling test again in a process with mounts of its own and an
// empty /run, where namespaces can be named. It reports true there.
func isolated(t *testing.T) bool {
	t.Helper()
	netnstest.Require(t)
	if os.Getenv(isolatedVariable) == t.Name() {
		must(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
		if err := unix.Mount("none", "/run", "tmpfs", 0, ""); err != nil {
			netnstest.Missing(t, "a /run of its own: "+err.Error())
		}
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), isolatedVariable+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("%s", out)
	case !bytes.Contains(out, []byte("--- PASS: "+t.Name())):
		t.Fatalf("it did not run:\n%s", out)
	}
	return false
}

func publish(t *testing.T, ns *netns.NS, name string) {
	t.Helper()
	must(t, ns.Publish(name))
	t.Cleanup(func() { must(t, netns.Unpublish(name)) })
}
