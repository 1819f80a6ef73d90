package lab_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"allroads/internal/netns"
	"allroads/lab"
)

// helperVar makes a test program do one task instead of testing; topologyVar
// holds its topology, in JSON.
const (
	helperVar   = "ALLROADS_LAB_TEST_HELPER"
	topologyVar = "ALLROADS_LAB_TEST_TOPOLOGY"
)

// helper returns a command that does a task in a process of its own.
func helper(t *testing.T, task string, topology *lab.Topology) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(topology)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	// A race detector would stay for a second at the end.
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", helperVar+"="+task, topologyVar+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}

func help(task string) int {
	var err error
	switch task {
	case "clean":
		err = lab.Clean()
	case "keep":
		err = helpKeep()
	case "hold": // What an ordinary user gets.
		if netns.Inside() {
			err = helpKeep()
			break
		}
		var code int
		if code, err = netns.Rerun(); err == nil {
			return code
		}
	default:
		err = fmt.Errorf("unknown task %q", task)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "helper:", err)
	if forbidden := (*netns.ForbiddenError)(nil); errors.As(err, &forbidden) {
		return forbiddenCode
	}
	return 1
}

// helpKeep builds a lab and keeps it. It prints a line before each of these,
// and what Keep returns.
func helpKeep() error {
	var topology lab.Topology
	if err := json.Unmarshal([]byte(os.Getenv(topologyVar)), &topology); err != nil {
		return err
	}
	fmt.Println("up")
	network, err := lab.Up(context.Background(), &topology, lab.Options{})
	if err != nil {
		return err
	}
	defer network.Close()
	fmt.Println("keep")
	kept, err := network.Keep()
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(kept); err != nil {
		return err
	}
	return kept.Confirm()
}
