package rewrite_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

// TestUnderTracer: strace with -f is told of; without, it sees us and not the program.
func TestUnderTracer(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		netnstest.Missing(t, "strace")
	}
	program := compiled(t, "habits")
	for _, c := range []struct {
		option string
		code   int
		want   string
	}{
		{"-qq", 0, "ask 262\n"},
		{"-f", 99, "traces this one and all that it starts"},
	} {
		cmd, _ := command(t, uint32(os.Getuid()), program, "ask")
		args := []string{"-e", "trace=none", "-e", "signal=none", "-o", "/dev/null", c.option}
		cmd.Args = append(append([]string{strace}, args...), cmd.Args...)
		cmd.Args[len(args)+1] = cmd.Path
		cmd.Path = strace
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.want) {
			t.Errorf("strace %s: exit code %d, %s", c.option, code, out)
		}
	}
}

// TestNested: inside, a second one cannot be.
func TestNested(t *testing.T) {
	inner, _ := command(t, uint32(os.Getuid()), compiled(t, "habits"), "ask")
	p := start(t, append([]string{"/usr/bin/env", runnerVariable + "=1"}, inner.Args...)...)
	out, err := io.ReadAll(p.out)
	if err != nil || !strings.Contains(string(out), "traces this one and all that it starts") {
		t.Errorf("the inner one says %q, %v", out, err)
	}
}

// TestTracerGone: what is left of a program's sockets when its tracer is killed, or ends
// with the program while children live on. A kernel that did anything else would be
// good news; docs/explanation/enabling.md says it.
func TestTracerGone(t *testing.T) {
	for what, want := range map[string]string{"late": "late -38\n", "daemon": "daemon -38\n"} {
		cmd, _ := command(t, uint32(os.Getuid()), compiled(t, "habits"), what)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		out := bufio.NewReader(stdout)
		if line, err := out.ReadString('\n'); what == "late" && line != "ready 262\n" {
			t.Errorf("%s: says %q, %v", what, line, err)
		}
		if what == "late" {
			cmd.Process.Kill()
		}
		state, err := cmd.Process.Wait()
		if err != nil || what == "daemon" && state.ExitCode() != 3 {
			t.Errorf("%s: ends with %v, %v", what, state, err)
		}
		in.Close()
		if line, err := out.ReadString('\n'); line != want {
			t.Errorf("%s: says %q, %v, want %q (ENOSYS)", what, line, err, want)
		}
	}
}
