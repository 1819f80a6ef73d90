package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestForeground: Ctrl-C, which the terminal sends to all, is the command's
// affair; a SIGTERM to us is passed on. The lab is gone in the end.
func TestForeground(t *testing.T) {
	path := program(t)
	file := filepath.Join(filepath.Dir(path), "one.yaml")
	if err := os.WriteFile(file, []byte("name: one\nhosts: [{name: a}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	// It survives one Ctrl-C, and says so by its exit code.
	const script = `trap 'exit 42' TERM; trap 'stay=1' INT; echo ready; while :; do sleep 0.05; done`
	for name, attributes := range users() {
		t.Run(name, func(t *testing.T) {
			group := *attributes
			group.Setpgid = true
			cmd := exec.Command(path, "lab", "run", file, "--", "sh", "-c", script)
			cmd.Dir, cmd.SysProcAttr = "/", &group
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			awaitText(t, out, "ready")
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1500 * time.Millisecond) // longer than a second Ctrl-C is waited for
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 42 {
				t.Errorf("exit code %d, want the command's 42", code)
			}
			waitGone(t, path)
		})
	}
}
