package netnstest_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// forbiddenVariable makes this test program run its TestProbe where namespaces
// are forbidden.
const forbiddenVariable = "NETNSTEST_FORBIDDEN"

func TestMain(m *testing.M) {
	if os.Getenv(forbiddenVariable) != "" {
		os.Exit(forbidden())
	}
	netnstest.Main(m)
}

// forbidden enters a user namespace, forbids others in it, gives up all rights
// and runs TestProbe.
func forbidden() int {
	if !netns.Inside() {
		code, err := netns.Rerun()
		if err != nil {
			fmt.Println(err)
			return 99
		}
		return code
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestProbe$", "-test.v")
	cmd.Env = append(os.Environ(), forbiddenVariable+"=")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0)
	if err == nil {
		runtime.LockOSThread()
		err = dropAll()
	}
	if err == nil {
		err = cmd.Run()
	}
	if cmd.ProcessState == nil {
		fmt.Println(err)
		return 99
	}
	return cmd.ProcessState.ExitCode()
}

// dropAll keeps the programs that this thread starts from having capabilities.
func dropAll() error {
	for c := range unix.CAP_LAST_CAP + 1 {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// TestProbe is what the other tests watch.
func TestProbe(t *testing.T) {
	netnstest.New(t)
	t.Log("the probe has a namespace")
}

func TestRequire(t *testing.T) {
	netnstest.Require(t)
	const reason = "network namespaces: make user namespace: no space left on device" +
		" (sysctl user.max_user_namespaces=0 forbids it): run it as root"
	for _, c := range []struct {
		forbidden, require string
		code               int
		want               []string
	}{
		{"", "", 0, []string{"the probe has a namespace", "--- PASS: TestProbe"}},
		{"", "1", 0, []string{"the probe has a namespace", "--- PASS: TestProbe"}},
		{"1", "", 0, []string{"--- SKIP: TestProbe", "missing: " + reason}},
		{"1", "1", 1, []string{"--- FAIL: TestProbe", "ALLROADS_REQUIRE_KERNEL=1, but missing: " + reason}},
	} {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestProbe$", "-test.v")
		cmd.Env = append(os.Environ(), forbiddenVariable+"="+c.forbidden, "ALLROADS_REQUIRE_KERNEL="+c.require,
			"GORACE=atexit_sleep_ms=0") // The race detector would wait a second at every exit.
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != c.code {
			t.Errorf("%+v: exit code %d\n%s", c, got, out)
		}
		for _, want := range c.want {
			if !strings.Contains(string(out), want) {
				t.Errorf("%+v: no %q in\n%s", c, want, out)
			}
		}
	}
}

func TestNewIsClosed(t *testing.T) {
	var ns *netns.NS
	t.Run("test", func(t *testing.T) { ns = netnstest.New(t) })
	if ns == nil {
		t.Skip("skipped above")
	}
	if ns.Fd() >= 0 {
		t.Error("a namespace is open after its test")
	}
}

func TestRun(t *testing.T) {
	ns := netnstest.New(t)
	if out := netnstest.Output(t, ns, "echo two words"); out != "two words\n" {
		t.Errorf("Output of echo = %q", out)
	}
	_, err := netnstest.Run(t, ns, "ls /none/such")
	if err == nil || !strings.Contains(err.Error(), "ls /none/such: exit status") ||
		!strings.Contains(err.Error(), "No such file") {
		t.Errorf("Run of a program that fails: %v", err)
	}
}
