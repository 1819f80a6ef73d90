package notify_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// standbyOf waits for the standby of a supervisor.
func standbyOf(t testing.TB, supervisor int) int {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", supervisor))
		for _, file := range files {
			children, _ := os.ReadFile(file)
			for _, word := range strings.Fields(string(children)) {
				pid, _ := strconv.Atoi(word)
				line, _ := os.ReadFile("/proc/" + word + "/cmdline")
				// The Go runtime starts a process for a trial, which is in our session.
				if own, _ := unix.Getsid(pid); own == pid && bytes.Contains(line, []byte("\x00standby\x00")) {
					return pid
				}
			}
		}
	}
	t.Fatalf("supervisor %d has no standby", supervisor)
	return 0
}

// TestTakeover kills one supervisor after the other with SIGKILL, while four threads open
// sockets without a pause: none fails, none hangs, each is of MPTCP.
func TestTakeover(t *testing.T) {
	cmd := self(t, "test-run", program(t), "threads", "4", "2", "262")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if t.Failed() {
			_ = cmd.Wait()
			t.Logf("the program: %s", &out)
		}
	}()
	supervisor, killed := cmd.Process.Pid, 0
	for end := time.Now().Add(1200 * time.Millisecond); time.Now().Before(end); killed++ {
		next := standbyOf(t, supervisor)
		syscall.Kill(supervisor, syscall.SIGKILL)
		supervisor = next
	}
	last := standbyOf(t, supervisor)
	_ = cmd.Wait() // ends when the program has closed its output, too
	if !strings.HasPrefix(out.String(), "opened ") {
		t.Errorf("after %d kills: %s", killed, &out)
	}
	for _, pid := range []int{supervisor, last} {
		gone(t, pid)
	}
	t.Logf("%d supervisors killed, %s", killed, &out)
}

// gone waits for the end of a process that is not our child.
func gone(t testing.TB, pid int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, rest, _ := strings.Cut(string(stat), ") ")
		if err != nil || strings.HasPrefix(rest, "Z") {
			return
		}
	}
	t.Errorf("process %d is still there, though nothing has the filter", pid)
}
