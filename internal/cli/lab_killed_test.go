package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestLabKilled kills the processes behind a lab: all of the lab ends with them,
// what hides in it too.
func TestLabKilled(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		file := u.pair("lab")
		for _, victims := range []string{"serve", "watch", "serve watch", "watch serve"} {
			u.up(file)
			cmd, _ := u.execReady("lab/a", "trap '' TERM HUP; echo ready; while :; do sleep 0.01; done")
			hidden := u.hide("lab/a")
			l := u.session()
			pids := map[string]int{"serve": l.Pid, "watch": l.Watcher}
			for _, victim := range strings.Fields(victims) {
				must(t, syscall.Kill(pids[victim], syscall.SIGKILL))
			}
			_ = cmd.Wait()
			if code := exitCodeOf(cmd); code != 3 || !strings.HasPrefix(fmt.Sprint(cmd.Stderr), "allroads: lab lab: the lab has ") {
				t.Errorf("%s: the command's end: exit code %d and %q", victims, code, cmd.Stderr)
			}
			waitGone(t, u.path)
			eventually(t, "end of the command", func() bool { return !isAlive(l.Sessions[0].Pid) })
			u.expectGone(victims, hidden)
		}
		u.up(file)
		u.ok("down", "lab")
	})
}

// expectGone holds that a hidden process has ended; where both processes of the
// lab were killed, the next command sees to it.
func (u *labUser) expectGone(victims string, hidden int) {
	u.t.Helper()
	if !strings.Contains(victims, " ") {
		eventually(u.t, victims+": end of the hidden process", func() bool { return !isAlive(hidden) })
	}
	if labs := u.list(); len(labs) != 0 {
		u.t.Errorf("%s: labs %+v", victims, labs)
	}
	if namespacesLast() {
		eventually(u.t, victims+": end of the hidden process", func() bool { return !isAlive(hidden) })
	}
	_ = syscall.Kill(hidden, syscall.SIGKILL)
	u.expectNothing()
}

// namespacesLast reports whether the kernel, from Linux 6.18 on, can tell a
// namespace from all that were before it.
func namespacesLast() bool {
	_, _, err := unix.NameToHandleAt(unix.AT_FDCWD, "/proc/self/ns/net", unix.AT_SYMLINK_FOLLOW)
	return err == nil
}

// TestLabUpKilled kills any of the processes at any moment of up: the next command
// leaves nothing of it.
func TestLabUpKilled(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		file := u.pair("killed")
		began := time.Now()
		u.up(file)
		takes := time.Since(began)
		u.ok("down", "killed")
		ends := map[string]int{}
		for range 50 {
			ends[u.upKilled(file, rand.N(takes*5/4))]++
		}
		t.Logf("up takes %v; killed: %v", takes, ends)
		u.up(file)
		u.ok("down", "killed")
	})
}

// upKilled kills a process some time after the start of up, and tells which.
func (u *labUser) upKilled(file string, after time.Duration) (victim string) {
	u.t.Helper()
	var out bytes.Buffer
	cmd := u.command("up", file)
	cmd.Stdout = &out
	must(u.t, cmd.Start())
	time.Sleep(after)
	pids := map[string]int{"up": cmd.Process.Pid, "watch": 0, "serve": 0}
	u.find(pids)
	victim = []string{"up", "watch", "serve"}[rand.IntN(3)]
	if pids[victim] == 0 {
		victim = "up"
	}
	_ = syscall.Kill(pids[victim], syscall.SIGKILL)
	_ = cmd.Wait()
	if victim == "up" && strings.Contains(out.String(), "take it down") {
		u.run("down", "killed") // It may have been confirmed; if not, it ends anyway.
		victim += ", late"
	}
	waitGone(u.t, u.path)
	if labs := u.list(); len(labs) > 0 {
		u.t.Errorf("%s was killed after %v: labs %+v", victim, after, labs)
	}
	u.expectNothing()
	return victim
}

// find looks for the processes that run commands of allroads lab. What one has begun
// to start looks like it until it has its own program, but has a later number.
func (u *labUser) find(pids map[string]int) {
	u.t.Helper()
	for _, exe := range alive(u.t, u.path) {
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(exe), "cmdline"))
		words := bytes.Split(text, []byte{0})
		if len(words) < 3 {
			continue
		}
		known, wanted := pids[string(words[2])]
		var pid int
		_, _ = fmt.Sscanf(exe, "/proc/%d/exe", &pid)
		if wanted && (known == 0 || pid < known) {
			pids[string(words[2])] = pid
		}
	}
}

// TestLabUpInterrupted ends up with Ctrl-C while it waits for a process: it says
// so when nothing is left.
func TestLabUpInterrupted(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		cmd := u.command("up", u.file("slow.yaml", `name: slow
hosts:
  - name: a
    processes:
      - {name: never, command: [sleep, "1000"], ready: {listen: 1}}
`))
		var said bytes.Buffer
		cmd.Stderr = &said
		must(t, cmd.Start())
		eventually(t, "a lab that is being built", func() bool {
			out, _, _ := u.run("ls")
			return strings.Contains(out, "not yet")
		})
		must(t, cmd.Process.Signal(syscall.SIGINT))
		_ = cmd.Wait()
		if code := exitCodeOf(cmd); code != 130 || said.String() != "allroads: interrupted\n" {
			t.Errorf("exit code %d and %q", code, &said)
		}
		u.expectNothing()
	})
}
