package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestLabExec runs commands with what they would have here.
func TestLabExec(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		sh := func(host, script string) string { return u.ok("exec", "lab/"+host, "--", "sh", "-c", script) }
		if out := sh("a", "ip -o addr; ip -o link"); !strings.Contains(out, "10.1.0.1/24") || strings.Contains(out, "toward-a") {
			t.Errorf("host a has\n%s", out)
		}
		if out := sh("b", `pwd; echo $ALLROADS_LAB/$ALLROADS_HOST; id -u`); out != u.dir+"\nlab/b\n0\n" {
			t.Errorf("directory and environment are %q", out)
		}
		mine := u.command("exec", "lab/a", "sh", "-c", `echo "$MINE"; cat; exit 42`)
		mine.Env = append(mine.Env, "MINE=two words")
		mine.Stdin = strings.NewReader("what is typed")
		if out, said, code := u.finish(mine); out != "two words\nwhat is typed" || said != "" || code != 42 {
			t.Errorf("%q, %q, exit code %d", out, said, code)
		}
		if out, said, code := u.run("exec", "lab/a", "sh", "-c", "echo out; echo err >&2; kill -KILL $$"); out != "out\n" || said != "err\n" || code != 137 {
			t.Errorf("%q, %q, exit code %d", out, said, code)
		}
		u.expect(3, "start no-such-program: executable file not found", "exec", "lab/a", "--", "no-such-program")
		u.expect(3, `lab lab: no host "c"`, "exec", "lab/c", "--", "true")
		u.expect(3, "lab other: no such lab is up", "exec", "other/c", "--", "true")
		u.expect(2, `"lab" is not LAB/HOST`, "exec", "lab", "--", "true")
		u.ok("down", "lab")
	})
}

// TestLabExecOutput: all output arrives, and who does not want it ends the command.
func TestLabExecOutput(t *testing.T) {
	const size = 10_000_000
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		pipe := func(script string) string {
			out, said, _ := u.finish(u.shell(script))
			return out + said
		}
		if got := pipe(fmt.Sprintf("EXEC head -c %d /dev/zero | wc -c", size)); got != fmt.Sprintln(size) {
			t.Errorf("%d bytes arrive as %s", size, got)
		}
		if got := pipe(fmt.Sprintf("head -c %d /dev/zero | EXEC cat | wc -c", size)); got != fmt.Sprintln(size) {
			t.Errorf("%d bytes there and back are %s", size, got)
		}
		// yes(1) goes on until SIGPIPE ends it.
		if got := pipe("{ EXEC yes; echo $? >&2; } | head -1"); got != "y\n141\n" {
			t.Errorf("a closed pipe: %q", got)
		}
		// A second one has the pipe open; but what the shell waits for ends.
		if got := pipe("EXEC sh -c 'sleep 1000 >/dev/null 2>&1 & echo done'"); got != "done\n" {
			t.Errorf("a command that leaves another behind: %q", got)
		}
		u.ok("down", "lab")
	})
}

// shell runs a script in which EXEC runs a command in lab/a.
func (u *labUser) shell(script string) *exec.Cmd {
	cmd := u.command()
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", strings.ReplaceAll(script, "EXEC", u.path+" lab exec lab/a --")}
	return cmd
}

// TestLabExecMany has 20 at the same time.
func TestLabExecMany(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		var all sync.WaitGroup
		for i := range 20 {
			cmd := u.command("exec", "lab/"+string("ab"[i%2]), "--", "sh", "-c", fmt.Sprintf("cat; echo %d; exit %d", i, i))
			cmd.Stdin = strings.NewReader("in ")
			all.Go(func() {
				if out, said, code := u.finish(cmd); out != fmt.Sprintf("in %d\n", i) || code != i {
					t.Errorf("%d: %q, %q, exit code %d", i, out, said, code)
				}
			})
			all.Go(func() { u.list() })
		}
		all.Wait()
		u.ok("down", "lab")
	})
}

// TestLabExecSignals passes signals on.
func TestLabExecSignals(t *testing.T) {
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1}
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		for _, s := range signals {
			// One command is ended by it, one catches it.
			if code, _ := u.signalled(s, "echo ready; exec sleep 1000"); code != 128+int(s) {
				t.Errorf("%v: exit code %d", s, code)
			}
			script := fmt.Sprintf("trap 'echo caught; exit 7' %d; echo ready; while :; do sleep 0.01; done", int(s))
			if code, out := u.signalled(s, script); code != 7 || out != "caught\n" {
				t.Errorf("%v: exit code %d and %q", s, code, out)
			}
		}
		u.ok("down", "lab")
	})
}

// signalled sends a signal to an exec when its command is ready.
func (u *labUser) signalled(s syscall.Signal, script string) (code int, out string) {
	u.t.Helper()
	cmd, rest := u.execReady("lab/a", script)
	must(u.t, cmd.Process.Signal(s))
	text, _ := io.ReadAll(rest)
	_ = cmd.Wait()
	return exitCodeOf(cmd), string(text)
}

// execReady starts a script in a host and waits until it says that it is ready.
func (u *labUser) execReady(host, script string) (*exec.Cmd, io.Reader) {
	u.t.Helper()
	cmd := u.command("exec", host, "--", "sh", "-c", script)
	out, err := cmd.StdoutPipe()
	must(u.t, err)
	cmd.Stderr = &bytes.Buffer{}
	must(u.t, cmd.Start())
	line := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(out, line); err != nil || string(line) != "ready\n" {
		u.t.Fatalf("%q, %v; %s", line, err, cmd.Stderr)
	}
	return cmd, out
}

// session waits until the user's lab says that a command runs in it, which may have
// begun to speak before.
func (u *labUser) session() (l aboutLab) {
	u.t.Helper()
	eventually(u.t, "a session", func() bool {
		l = u.list()[0]
		return len(l.Sessions) == 1
	})
	return l
}

// TestLabExecKilled: a command ends with the client that ran it.
func TestLabExecKilled(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		for _, trap := range []string{"", "trap '' HUP TERM; "} {
			cmd, _ := u.execReady("lab/a", trap+"echo ready; while :; do sleep 0.01; done")
			pid := u.session().Sessions[0].Pid
			must(t, cmd.Process.Kill())
			_ = cmd.Wait()
			eventually(t, "end of the command", func() bool { return !isAlive(pid) && len(u.list()[0].Sessions) == 0 })
		}
		u.ok("down", "lab")
	})
}

// isAlive reports whether a process has not ended; init may take its time to notice.
func isAlive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
}

// TestLabDownUnderWay takes a lab down in which commands run that want to stay.
func TestLabDownUnderWay(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.file("stay.yaml", `name: stay
hosts:
  - name: a
    processes:
      - {name: stubborn, command: [sh, -c, "trap '' TERM HUP INT; while :; do sleep 0.05; done"]}
`))
		cmd, _ := u.execReady("stay/a", "trap '' TERM HUP; echo ready; while :; do sleep 0.01; done")
		hidden := u.hide("stay/a")
		u.ok("down", "stay")
		u.expectNothing()
		if isAlive(hidden) {
			t.Errorf("process %d is left", hidden)
		}
		_ = cmd.Wait()
		if code := exitCodeOf(cmd); code != 3 || fmt.Sprint(cmd.Stderr) != "allroads: lab stay: the lab has been taken down\n" {
			t.Errorf("the command's end: exit code %d and %q", code, cmd.Stderr)
		}
	})
}

// hide has a command leave a process that nothing but its namespaces ties to the
// lab: with another parent, session and environment, and without files.
func (u *labUser) hide(host string) (pid int) {
	u.t.Helper()
	path := filepath.Join(u.dir, "hidden")
	u.ok("exec", host, "--", "setsid", "-f", "env", "-i", "setsid", "-f", "sh", "-c",
		"echo $$ >"+path+"; trap '' TERM HUP INT; exec <&- >&- 2>&-; while :; do /bin/sleep 0.05; done")
	eventually(u.t, "hidden process", func() bool {
		text, _ := os.ReadFile(path)
		n, _ := fmt.Sscanf(string(text), "%d\n", &pid)
		return n == 1
	})
	must(u.t, os.Remove(path))
	return pid
}
