package lab_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/lab"
)

// withProcess is a lab of one host with a process.
func withProcess(p lab.ProcessConfig) *lab.Topology {
	return &lab.Topology{Name: "t", Hosts: []lab.HostConfig{{Name: "h", Processes: []lab.ProcessConfig{p}}}}
}

func sh(script string) []string { return []string{"sh", "-c", script} }

// TestProcess: a process is ready when all is so that says so, and ends with the
// lab, with what it has started.
func TestProcess(t *testing.T) {
	network := up(t, withProcess(lab.ProcessConfig{
		Name: "p", Env: map[string]string{"GREETING": "hello"},
		Command: sh("sleep 1000 & echo child $!; sleep 0.05; echo $GREETING; wait"),
		Ready:   &lab.ReadyConfig{Output: "hello", Command: []string{"true"}},
	}))
	state, err := network.State()
	must(t, err)
	p := state.Hosts[0].Processes[0]
	if p.Name != "p" || p.Pid <= 1 || p.Ended != "" {
		t.Errorf("process %+v", p)
	}
	if children, _ := os.ReadFile("/proc/" + itoa(p.Pid) + "/task/" + itoa(p.Pid) + "/children"); len(children) == 0 {
		t.Error("the process has no child")
	}
	must(t, network.Close())
	for deadline := time.Now().Add(patience); syscall.Kill(-p.Pid, 0) != syscall.ESRCH; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("something of the process is left")
		}
	}
}

func TestProcessThatEnds(t *testing.T) {
	network := up(t, withProcess(lab.ProcessConfig{Name: "p", Command: sh("exit 3")}))
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		state, err := network.State()
		must(t, err)
		if state.Hosts[0].Processes[0].Ended == "exit status 3" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("processes %+v", state.Hosts[0].Processes)
		}
	}
}

func TestProcessNotReady(t *testing.T) {
	within := 200 * time.Millisecond
	for want, p := range map[string]lab.ProcessConfig{
		"start no-such-program in h: executable file not found": {Command: []string{"no-such-program"}},
		"it ended before it was ready: exit status 4; it wrote: one / two": {
			Command: sh("echo one; echo two >&2; exit 4"), Ready: &lab.ReadyConfig{Output: "three"}},
		"not ready within 200ms, and wrote nothing": {
			Command: sh("sleep 1000"), Ready: &lab.ReadyConfig{Listen: 80, Within: within}},
		"not ready within 200ms; it wrote: x": {
			Command: sh("echo x; trap '' TERM HUP; sleep 1000"), Ready: &lab.ReadyConfig{Command: []string{"false"}, Within: within}},
	} {
		p.Name = "p"
		_, err := lab.Up(t.Context(), withProcess(p), lab.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "build lab t: at `ip netns exec h ") {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
}

// TestProcessListens waits for a socket, of whatever process in the host.
func TestProcessListens(t *testing.T) {
	needTools(t, "python3")
	network := up(t, withProcess(lab.ProcessConfig{
		Name: "web", Ready: &lab.ReadyConfig{Listen: 8080},
		Command: []string{"python3", "-m", "http.server", "8080"},
	}))
	conn, err := network.Host("h").Dial(t.Context(), "tcp", "127.0.0.1:8080")
	must(t, err)
	must(t, conn.Close())
}

func itoa(n int) string { return strconv.Itoa(n) }
