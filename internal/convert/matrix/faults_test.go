package matrix

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allroads/internal/convert"
)

// TestSupervisorKilled: the program goes on to open MPTCP sockets when allroads is
// killed, and when what takes over is killed.
func TestSupervisorKilled(t *testing.T) {
	for _, u := range users {
		t.Run(string(u), func(t *testing.T) {
			t.Parallel()
			scene := newScene(t)
			r := job{host: scene.here, user: u, strategy: convert.Notify, program: []string{program(t, "dynamic"), "each"}}.start(t)
			r.expect("ready")
			for range 3 {
				r.say("4")
				r.expect("protocol 262")
				kill(t, scene.supervisor(t))
			}
			r.say("6")
			r.expect("protocol 262")
			if o := r.all(); o.code != 128+int(unix.SIGKILL) || len(o.lines) > 0 {
				t.Errorf("%+v", o)
			}
			scene.empty(t)
		})
	}
}

// supervisor is the allroads which another one, its child, waits for.
func (s *scene) supervisor(t *testing.T) int {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		all := s.processes(t)
		for pid, executes := range all {
			parent := parentOf(pid)
			if strings.HasSuffix(executes, "/allroads") && all[parent] == executes && standsBy(pid, parent) {
				return parent
			}
		}
	}
	t.Fatal("there is no standby")
	return 0
}

func parentOf(pid int) (parent int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "\nPPid:\t")
	_, _ = fmt.Sscan(rest, &parent)
	return parent
}

// standsBy reports whether a standby waits already: it has the listener, and the pipe by which
// it learns of the end of its parent. A fork which is not that far has what its
// parent has.
func standsBy(pid, parent int) bool {
	listener, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/3", pid))
	alive, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/5", pid))
	others, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/5", parent))
	return strings.Contains(listener, "seccomp") && strings.HasPrefix(alive, "pipe:") && alive != others
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// TestTracerKilled: with the tracer goes socket(), as is documented.
func TestTracerKilled(t *testing.T) {
	t.Parallel()
	scene := newScene(t)
	r := job{host: scene.here, user: root, strategy: convert.Trace, program: []string{program(t, "dynamic"), "each"}}.start(t)
	r.expect("ready")
	r.say("4")
	r.expect("protocol 262")
	kill(t, r.Process.Pid)
	r.await() // A call that it had stopped would go on, as one for TCP.
	r.say("4")
	r.expect("socket: Function not implemented")
	r.all()
	scene.empty(t)
}

// TestProgramKilled: allroads ends as the program does, and still reports.
func TestProgramKilled(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		j.program = []string{program(t, "dynamic"), "pid", "each"}
		for _, signal := range []unix.Signal{unix.SIGKILL, unix.SIGTERM} {
			r := j.start(t)
			var pid int
			if _, err := fmt.Sscanf(r.next(), "pid %d", &pid); err != nil {
				t.Fatal(err)
			}
			r.expect("ready")
			r.say("4")
			r.expect("protocol 262")
			if signal == unix.SIGKILL {
				kill(t, pid)
			} else if err := unix.Kill(r.Process.Pid, signal); err != nil { // which passes it on
				t.Fatal(err)
			}
			r.await() // Before its input ends.
			o := r.all()
			o.counted(t, 1, 1)
			want := 128 + int(signal)
			if exit := o.report.Exit; o.code != want || exit == nil || exit.Code != want || exit.Signal != unix.SignalName(signal) {
				t.Errorf("%v: exit code %d, in the report %+v", signal, o.code, exit)
			}
		}
	})
}

// TestOutlive: a daemon goes on to open MPTCP sockets. Notify has the standby for it, and is
// gone; trace waits.
func TestOutlive(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		j.program = []string{program(t, "dynamic"), "outlive", "each"}
		r := j.start(t)
		r.expect("ready")
		converted := 1
		if j.strategy == convert.Notify {
			r.await()
			converted = 0 // The report is of when the program ended.
		}
		r.say("4")
		r.expect("protocol 262")
		if ended := r.ProcessState != nil; ended != (j.strategy == convert.Notify) {
			t.Errorf("allroads has ended: %v", ended)
		}
		o := r.all()
		o.succeeded(t)
		o.counted(t, converted, converted)
	})
}
