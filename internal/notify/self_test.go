package notify_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// selfOf runs the program that tells about itself, with much inherited, and divides what
// it says.
func selfOf(t *testing.T, command ...string) (about string, pid, thread, parent, protocol int, process *exec.Cmd) {
	t.Helper()
	file := program(t)
	cmd := exec.Command(file, append([]string{"as"}, append(command, file, "self", "an argument", "")...)...)
	cmd.Env = []string{"A=1", "B=two words", "LISTEN_FDS=1", "GODEBUG=x=1", "A=again"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text := string(out)
	_, rest, _ := strings.Cut(text, "\npid ")
	var fd int
	if _, err := fmt.Sscanf(rest, "%d %d ppid %d\nsocket %d protocol %d", &pid, &thread, &parent, &fd, &protocol); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, change := range [][2]string{
		{`pid .*\n`, ""}, {`protocol 6|protocol 262`, "protocol"}, {`sid \d+ pgrp \d+`, ""}, {`pipe:\[\d+\]`, "pipe"},
	} {
		text = regexp.MustCompile(change[0]).ReplaceAllString(text, change[1])
	}
	return text, pid, thread, parent, protocol, cmd
}

// TestNothingOfOurs: what a program can find out about itself is the same with and
// without us.
func TestNothingOfOurs(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report")
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plain, _, _, _, protocol, _ := selfOf(t)
	if protocol != 6 {
		t.Fatalf("protocol %d plain", protocol)
	}
	if os.Geteuid() != 0 { // the one thing that is not avoided
		plain = strings.Replace(plain, "NoNewPrivs:\t0", "NoNewPrivs:\t1", 1)
	}
	t.Run("start", func(t *testing.T) {
		got, _, _, parent, protocol, cmd := selfOf(t, file, "test-run")
		if got != plain || protocol != 262 || parent != cmd.Process.Pid {
			t.Errorf("protocol %d, parent %d, want %d\n%s", protocol, parent, cmd.Process.Pid, difference(plain, got))
		}
	})
	t.Run("exec", func(t *testing.T) {
		got, pid, thread, parent, protocol, cmd := selfOf(t, file, "test-exec", report)
		if got != plain || protocol != 262 {
			t.Errorf("protocol %d\n%s", protocol, difference(plain, got))
		}
		if pid != cmd.Process.Pid || thread != pid || parent != os.Getpid() {
			t.Errorf("process %d, thread %d, parent %d, want %d of %d", pid, thread, parent, cmd.Process.Pid, os.Getpid())
		}
		if text := await(t, report); !strings.Contains(text, `"converted":1`) {
			t.Errorf("report %s", text)
		}
	})
}

// await reads a file that a process in the background writes.
func await(t testing.TB, path string) string {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
			return string(text)
		}
	}
	t.Fatalf("%s is not written", path)
	return ""
}

// difference has the lines that only one of two texts has.
func difference(want, got string) string {
	var all []string
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(got, line+"\n") {
			all = append(all, "- "+line)
		}
	}
	for _, line := range strings.Split(got, "\n") {
		if !strings.Contains(want, line+"\n") {
			all = append(all, "+ "+line)
		}
	}
	return strings.Join(all, "\n")
}
