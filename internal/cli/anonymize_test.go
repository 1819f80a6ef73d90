package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnonymize: what the command writes is analyzed as the original is, a key file is
// made and used again, and what a file held before stays if nothing is written.
func TestAnonymize(t *testing.T) {
	path, folder := program(t), t.TempDir()
	run := func(want int, args ...string) (out, complaints string) {
		t.Helper()
		cmd := exec.Command(path, args...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr, cmd.Dir = &stdout, &stderr, folder
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Fatalf("%s: exit code %d, want %d: %s", args, got, want, &stderr)
		}
		return stdout.String(), stderr.String()
	}
	original, err := filepath.Abs("../../trace/testdata/two-paths.pcapng.gz")
	must(t, err)
	_, said := run(0, "anonymize", original, "-w", "one", "--key", "key")
	if said != "45 of 45 packets written: 1 MPTCP connection, 2 subflows\n" {
		t.Errorf("%q", said)
	}
	run(0, "anonymize", original, "-w", "two", "--key", "key")
	piped, _ := run(0, "anonymize", original, "-w", "-", "--key", "key")
	one, err := os.ReadFile(filepath.Join(folder, "one"))
	must(t, err)
	two, err := os.ReadFile(filepath.Join(folder, "two"))
	must(t, err)
	if !bytes.Equal(one, two) || piped != string(one) {
		t.Error("the same key gives another file")
	}
	found, _ := run(0, "analyze", "one", "--expect", "subflows >= 2", "--expect", "no-fallback")
	if !strings.Contains(found, "PROVEN: 1 connection, 2 subflows over 2 paths") {
		t.Error(found)
	}
	must(t, os.WriteFile(filepath.Join(folder, "damaged"), one[:len(one)/2], 0o644))
	if _, said = run(2, "anonymize", "damaged", "-w", "part"); !strings.Contains(said, " packets written: ") || !strings.Contains(said, "cut short") {
		t.Error(said)
	}
	must(t, os.WriteFile(filepath.Join(folder, "kept"), []byte("kept"), 0o644))
	run(2, "anonymize", "kept", "-w", "two")
	if after, err := os.ReadFile(filepath.Join(folder, "two")); err != nil || !bytes.Equal(after, two) {
		t.Error("a file was emptied for nothing", err)
	}
}
