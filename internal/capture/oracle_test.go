package capture

import (
	"os/exec"
	"strings"
	"testing"
)

// run starts one of the field's own tools and returns its lines of output. The
// test is skipped where the tool is not installed.
func run(t testing.TB, name string, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("missing: %v", err)
	}
	command := exec.Command(path, args...)
	command.Stderr = new(strings.Builder)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%v", command, err, command.Stderr)
	}
	if len(out) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

func tshark(t testing.TB, file string, args ...string) []string {
	t.Helper()
	return run(t, "tshark", append([]string{"-n", "-r", file}, args...)...)
}

// runTcpdump is run for tcpdump, which as root of a user namespace never runs: it
// wants to become somebody else.
func runTcpdump(t testing.TB, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath("tcpdump")
	if err != nil {
		t.Skipf("missing: %v", err)
	}
	if out, err := exec.Command(path, args...).CombinedOutput(); err != nil && strings.Contains(string(out), "Couldn't change to") {
		t.Skipf("missing: %s", out)
	}
	return run(t, "tcpdump", args...)
}
