package rewrite_test

import (
	"strconv"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rewrite"

	"golang.org/x/sys/unix"
)

// TestHabits: what programs do goes on as without us, with sockets of MPTCP.
func TestHabits(t *testing.T) {
	program := compiled(t, "habits")
	const everybody = 1000
	for _, c := range []struct {
		args      string
		want      string // of each line
		lines     int
		code      int
		converted int
	}{
		{"ask", "ask 262", 1, 0, 1},
		{"registers", "registers 262", 1, 0, 1},
		{"exec-thread", "ask 262", 1, 0, 1},
		{"leader", "after the leader 262", 1, 7, 1},
		{"threads 1000", "thread 262", everybody, 0, everybody},
		{"forks 200", "fork 262", 200, 0, 200},
		{"clone " + strconv.Itoa(unix.CLONE_PARENT), "child 262", 1, 0, 1},
		{"clone " + strconv.Itoa(unix.CLONE_FILES|unix.CLONE_FS), "child 262", 1, 0, 1},
		{"dumpable", "dumpable 262", 1, 0, 1},
		{"exit 42", "", 0, 42, 0},
		{"ring", "ring 0", 1, 0, 0},
		// What cannot be, as the package says.
		{"clone " + strconv.Itoa(unix.CLONE_UNTRACED), "child -38", 1, 0, 0},
		{"trace", "trace 1", 1, 0, 0},
		// The filter of the program refuses 262, and so we ask for what it wanted.
		{"filter " + strconv.Itoa(unix.SECCOMP_RET_ERRNO|int(unix.EACCES)), "filter 6", 1, 0, 0},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			got := run(t, rewrite.Options{}, append([]string{program}, strings.Fields(c.args)...)...)
			if want := strings.Repeat(c.want+"\n", c.lines); got.out != want {
				t.Errorf("got %q, want %d times %q", got.out, c.lines, c.want)
			}
			if !got.status.Exited() || got.status.ExitStatus() != c.code {
				t.Errorf("ended with %#x, want exit code %d", got.status, c.code)
			}
			if got.sockets.Converted != c.converted {
				t.Errorf("counted %+v, want %d converted", got.sockets, c.converted)
			}
		})
	}
}

func TestVfork(t *testing.T) {
	got := run(t, rewrite.Options{}, compiled(t, "habits"), "vfork")
	if want := "vfork 262\nparent 262\n"; got.out != want || got.sockets.Converted != 2 {
		t.Errorf("got %q %+v, want %q", got.out, got.sockets, want)
	}
}

// TestSignals: 500 signals between and in handlers, each with its siginfo.
func TestSignals(t *testing.T) {
	program := compiled(t, "habits")
	got := run(t, rewrite.Options{}, program, "signals")
	if want := "handled 500, wrong 0, all 1 of 262: 1, 1\n"; got.out != want {
		t.Errorf("got %q, want %q", got.out, want)
	}
	if s := got.sockets; s.Converted < 1000 || s.Seen != s.Converted {
		t.Errorf("counted %+v", s)
	}
}

// TestOff: in a namespace without MPTCP, which a program has made itself, calls happen
// again as they were, with handlers of signals in between.
func TestOff(t *testing.T) {
	netnstest.Require(t)
	program := compiled(t, "habits")
	const reason = "MPTCP is switched off (net.mptcp.enabled=0)"
	for _, c := range []struct {
		args    string
		require bool
		want    string
	}{
		{"registers", false, "registers 6\n"},
		{"ask", false, "ask 6\n"},
		{"ask", true, "ask -93\n"},
		{"signals", false, "handled 500, wrong 0, all 1 of 6: 1, 1\n"},
	} {
		got := run(t, rewrite.Options{Require: c.require}, program, "off", c.args)
		if got.out != c.want {
			t.Errorf("%+v: got %q", c, got.out)
		}
		s, why := got.sockets, got.sockets.Left
		if c.require {
			why = s.Refused
		}
		if s.Converted != 0 || len(why) != 1 || why[0].Reason != reason || why[0].Count != s.Seen {
			t.Errorf("%+v: counted %+v", c, s)
		}
	}
}

// TestRequire: what can be is, and an io_uring cannot.
func TestRequire(t *testing.T) {
	program := compiled(t, "habits")
	got := run(t, rewrite.Options{Require: true}, program, "ask")
	if got.out != "ask 262\n" || got.sockets.Converted != 1 || got.sockets.Seen != 1 {
		t.Errorf("a socket: %q %+v", got.out, got.sockets)
	}
	got = run(t, rewrite.Options{Require: true}, program, "ring")
	if got.out != "ring 1\n" {
		t.Errorf("an io_uring: %q, want EPERM", got.out)
	}
	if r := got.sockets.Rings; len(r) != 1 || r[0].Command != "habits" || r[0].Count != 1 || r[0].PID == 0 {
		t.Errorf("an io_uring: counted %+v", got.sockets)
	}
}

// TestEnds: how a program dies is told as it is.
func TestEnds(t *testing.T) {
	program := compiled(t, "habits")
	for _, signal := range []unix.Signal{unix.SIGKILL, unix.SIGTERM, unix.SIGINT, unix.SIGABRT, unix.SIGTRAP, unix.SIGUSR1} {
		status := run(t, rewrite.Options{}, program, "die", strconv.Itoa(int(signal))).status
		if !status.Signaled() || status.Signal() != signal {
			t.Errorf("%v: ended with %#x", signal, status)
		}
	}
}

// TestCore: whether there is a core dump is told, too.
func TestCore(t *testing.T) {
	program := compiled(t, "habits")
	for _, limit := range []string{"0", "unlimited"} {
		args := []string{"sh", "-c", "cd " + t.TempDir() + " && ulimit -c " + limit + " && exec " + program + " die 6"}
		dumped := coreDumped(t, args)
		status := run(t, rewrite.Options{}, args...).status
		if !status.Signaled() || status.Signal() != unix.SIGABRT || status.CoreDump() != dumped {
			t.Errorf("limit %s: ended with %#x, want a core dump: %v", limit, status, dumped)
		}
	}
}
