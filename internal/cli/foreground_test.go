package cli_test

import (
	"fmt"
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

// TestForegroundKilled: a command does not outlive the program that ran it, and
// keeps no lab alive.
func TestForegroundKilled(t *testing.T) {
	path := program(t)
	file := filepath.Join(filepath.Dir(path), "one.yaml")
	if err := os.WriteFile(file, []byte("name: one\nhosts: [{name: a}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, attributes := range users() {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(path, "lab", "run", file, "--", "sh", "-c", "echo $$; while :; do sleep 0.05; done")
			cmd.Dir, cmd.SysProcAttr = "/", attributes
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var pid int
			if _, err := fmt.Fscan(out, &pid); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			waitGone(t, path)
			for deadline := time.Now().Add(5 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					_ = syscall.Kill(pid, syscall.SIGKILL)
					t.Fatalf("the command, process %d, goes on", pid)
				}
			}
		})
	}
}
