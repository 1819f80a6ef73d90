package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestExtractInterrupted: Ctrl-C leaves neither a part of the result nor a copy of what
// came through a pipe.
func TestExtractInterrupted(t *testing.T) {
	folder, temporary := t.TempDir(), t.TempDir()
	cmd := exec.Command(program(t), "extract", "-", "-w", filepath.Join(folder, "out.pcapng"))
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(make([]byte, 100_000)); err != nil {
		t.Fatal(err)
	}
	for len(entries(t, folder)) == 0 || len(entries(t, temporary)) == 0 { // until it reads
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 128+int(syscall.SIGINT) {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	if left := append(entries(t, folder), entries(t, temporary)...); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func entries(t *testing.T, folder string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		names = append(names, one.Name())
	}
	return names
}
