package rewrite_test

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rewrite"
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// TestDaemon: a program's end is told at once, though a child lives on; that has MPTCP
// as long as we live.
func TestDaemon(t *testing.T) {
	p := start(t, compiled(t, "habits"), "daemon")
	status, err := p.Wait()
	if err != nil || status.ExitStatus() != 3 {
		t.Errorf("it ended with %#x, %v", status, err)
	}
	if n := p.Tasks(); n != 1 {
		t.Errorf("%d tasks are left", n)
	}
	p.in.Close()
	if first, second := p.line(t), p.line(t); first != "ready 262\n" || second != "daemon 262\n" {
		t.Errorf("its child says %q, %q", first, second)
	}
	if err := p.Drain(); err != nil || p.Tasks() != 0 {
		t.Errorf("%d tasks are left, %v", p.Tasks(), err)
	}
	if err := p.Signal(unix.SIGTERM); err != os.ErrProcessDone {
		t.Errorf("a signal for a program that has ended: %v", err)
	}
}

// TestOthers: the ends of children that are none of ours are left to who waits for
// them, and ours are left by them.
func TestOthers(t *testing.T) {
	program := compiled(t, "habits")
	p := start(t, program, "again")
	for i := range 50 {
		err := exec.Command(program, "exit", strconv.Itoa(i)).Run()
		if exit, _ := err.(*exec.ExitError); i > 0 && (exit == nil || exit.ExitCode() != i) {
			t.Errorf("another program's exit code %d is %v", i, err)
		}
	}
	p.Signal(unix.SIGTERM)
	if status, err := p.Wait(); err != nil || status.Signal() != unix.SIGTERM {
		t.Errorf("it ended with %#x, %v", status, err)
	}
}

// TestSeveral run at the same time in one process, each killed at any moment.
func TestSeveral(t *testing.T) {
	program := compiled(t, "habits")
	for i := range 20 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			p := start(t, program, "again")
			time.Sleep(time.Duration(i) * 311 * time.Microsecond)
			p.Signal(unix.SIGKILL)
			if status, err := p.Wait(); err != nil || status.Signal() != unix.SIGKILL {
				t.Errorf("it ended with %#x, %v", status, err)
			}
		})
	}
}

// TestNoProgram: what cannot be executed is told as os.StartProcess does, and leaves
// nothing behind.
func TestNoProgram(t *testing.T) {
	before := threads(t)
	for range 20 {
		_, err := rewrite.Start("/none/such", []string{"such"}, new(os.ProcAttr), rewrite.Options{Tally: new(tally.Tally)})
		if err == nil || err.Error() != "fork/exec /none/such: no such file or directory" {
			t.Fatalf("a program that is not there: %v", err)
		}
	}
	for i := 0; threads(t) > before+5; i++ {
		if i > 100 {
			t.Fatalf("%d threads, %d before", threads(t), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func threads(t *testing.T) int {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	return len(tasks)
}

// TestNothingOfOurs: the program finds itself as without us, but for its tracer, and
// the filter. Its mask, in which SIGCONT is blocked, has nothing pending.
func TestNothingOfOurs(t *testing.T) {
	const look = `env | sort; ls -l /proc/self/fd | sed 's/.* \([0-9]* ->\)/\1/; s/pipe.*\|.tmp.*//; /fd$/d'; ` +
		`grep -E 'Sig|Shd|Cap|NoNew|Uid|Gid|Groups|Umask' /proc/self/status | grep -v SigQ; ulimit -a; pwd; cut -d' ' -f 5-8 /proc/self/stat`
	python := []string{"python3", "-c", `import signal, os
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCONT, signal.SIGUSR1])
os.execvp("sh", ["sh", "-c", os.environ["LOOK"]])`}
	t.Setenv("LOOK", look)
	for _, argv := range [][]string{{"sh", "-c", look}, python} {
		cmd := exec.Command(argv[0], argv[1:]...)
		out, err := os.CreateTemp(t.TempDir(), "out")
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(out.Name())
		if err != nil || strings.Count(string(want), "\n") < 20 {
			t.Fatalf("%q %v", want, err)
		}
		got := run(t, rewrite.Options{}, argv...).out
		if diff := differ(string(want), got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestBlockedContinue: that a program starts with SIGCONT blocked leaves none pending.
func TestBlockedContinue(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		netnstest.Missing(t, "python3")
	}
	cmd, _ := command(t, uint32(os.Getuid()), "/usr/bin/grep", "-E", "Pnd|SigBlk", "/proc/self/status")
	cmd.Args = append([]string{"python3", "-c", `import signal, os, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCONT, signal.SIGUSR1])
os.execv(sys.argv[1], sys.argv[1:])`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = python
	out, err := cmd.CombinedOutput()
	const want = "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\nSigBlk:\t0000000000020200\n"
	if err != nil || string(out) != want {
		t.Errorf("%v, %q, want %q", err, out, want)
	}
}
