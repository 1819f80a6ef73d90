package rewrite_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rewrite"
)

const nobody = 65534

// requireRoot skips what needs other users.
func requireRoot(t testing.TB) {
	t.Helper()
	mapped, _ := os.ReadFile("/proc/self/uid_map")
	if fields := strings.Fields(string(mapped)); os.Getuid() != 0 || len(fields) != 3 || fields[2] == "1" {
		t.Skip("needs root of the machine")
	}
}

// TestOwner: a socket belongs to who the program is at that moment, not to the tracer.
func TestOwner(t *testing.T) {
	requireRoot(t)
	p := start(t, compiled(t, "habits"), "uid", strconv.Itoa(nobody))
	if line := p.line(t); line != "uid 262\n" {
		t.Fatalf("the program says %q", line)
	}
	out, err := exec.Command("ss", "-Mlnepa").Output()
	if err != nil {
		netnstest.Missing(t, "ss")
	}
	mine := ""
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, fmt.Sprintf("pid=%d,", p.PID())) {
			mine += line
		}
	}
	if !strings.Contains(mine, fmt.Sprintf("uid:%d ", nobody)) {
		t.Errorf("ss says %q", mine)
	}
}

// TestSetUID: a set-uid program has its rights under a tracer that is root.
func TestSetUID(t *testing.T) {
	requireRoot(t)
	var status [2]string
	program := filepath.Join(readable(t), "id")
	if out, err := exec.Command("cp", "/usr/bin/id", program).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chown(program, 1, 1); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(program, 0o755|os.ModeSetuid); err != nil {
		t.Fatal(err)
	}
	for i, argv := range [][]string{{program, "-u"}, {"setpriv", "--reuid=65534", "--clear-groups", program, "-u"}} {
		status[i] = run(t, rewrite.Options{}, argv...).out
		if want := plain(t, argv...); status[i] != want || want != "1\n" {
			t.Errorf("%v: uid %q, want %q", argv, status[i], want)
		}
	}
}

// TestNoPrivileges: an ordinary user, on whom the kernel puts no_new_privs.
func TestNoPrivileges(t *testing.T) {
	requireRoot(t)
	program := compiled(t, "habits")
	r := runnerAs(t, nobody, program, "threads", "50")
	if want := strings.Repeat("thread 262\n", 50); r.out != want || r.code != 0 || r.sockets.Converted != 50 {
		t.Errorf("threads: exit code %d, %q, %+v", r.code, r.out, r.sockets)
	}
	r = runnerAs(t, nobody, "/usr/bin/grep", "NoNewPrivs", "/proc/self/status")
	if want := "NoNewPrivs:\t1\n"; r.out != want {
		t.Errorf("its status has %q, want %q", r.out, want)
	}
	if err := os.Chmod(program, 0o711); err != nil {
		t.Fatal(err)
	}
	r = runnerAs(t, nobody, program, "ask")
	if r.code != 99 || !strings.Contains(r.out, "may execute but not read") {
		t.Errorf("a program that may not be read: exit code %d, %q", r.code, r.out)
	}
}
