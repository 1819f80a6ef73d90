package rewrite_test

import (
	"os/exec"
	"syscall"
	"testing"
)

// coreDumped reports whether a program leaves a core dump without us.
func coreDumped(t *testing.T, argv []string) bool {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	_ = cmd.Run()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		t.Fatalf("%v does not die: %v", argv, cmd.ProcessState)
	}
	return status.CoreDump()
}
