package lab_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

// TestKeepByProcess runs through the life of a lab that an ordinary user keeps.
// It is made in a user namespace inside the test's, which is to that as the
// user's own is to a lab.
func TestKeepByProcess(t *testing.T) {
	needTools(t, "ip", "nsenter")
	netnstest.Require(t)
	first, second := hold(t), hold(t)
	expectInterfaces(t, first)
	expectInterfaces(t, second)
	if got := enter(t, first.Enter[1], "ping -c1 -W5 10.0.0.2 >&2; ip -o -4 addr show red-server"); !strings.Contains(got, "10.0.0.1/24") {
		t.Errorf("in the server: %s", got)
	}
	before := holder(t, first)
	shell(t, first.Remove)
	expectEnd(t, before)
	expectInterfaces(t, second)
}

// hold has a lab kept by another program, which ends.
func hold(t *testing.T) *lab.Kept {
	t.Helper()
	cmd := helper(t, "hold", twoPaths(t))
	output, err := cmd.Output()
	if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == forbiddenCode {
		netnstest.Missing(t, "a user namespace inside another")
	}
	must(t, err)
	line, found := bytes.CutPrefix(output, []byte("up\nkeep\n"))
	var kept lab.Kept
	if err := json.Unmarshal(line, &kept); err != nil || !found {
		t.Fatalf("kept: %v\n%s", err, output)
	}
	pid := holder(t, &kept)
	t.Cleanup(func() { syscall.Kill(pid, syscall.SIGKILL) })
	id := strconv.Itoa(pid)
	for i, command := range kept.Enter {
		want := "nsenter --preserve-credentials --user=/proc/" + id + "/ns/user --net=/proc/" + id + "/fd/" + strconv.Itoa(3+i) + " sh"
		if command != want {
			t.Errorf("enter %q, want %q", command, want)
		}
	}
	title, err := os.ReadFile("/proc/" + id + "/cmdline")
	if err != nil || string(title) != "allroads: lab two-paths\x00" {
		t.Errorf("title %q, %v", title, err)
	}
	return &kept
}

// holder returns the number of the process that holds a lab.
func holder(t *testing.T, kept *lab.Kept) int {
	t.Helper()
	number, found := strings.CutPrefix(kept.Remove, "kill ")
	pid, err := strconv.Atoi(number)
	if !found || err != nil || pid <= 1 || len(kept.Enter) != 2 {
		t.Fatalf("kept %+v", kept)
	}
	return pid
}

// expectEnd waits until a process is over. Nobody may have asked how it ended.
func expectEnd(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d lives: %s, %v", pid, stat, err)
		}
	}
}
