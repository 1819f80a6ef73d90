package rewrite_test

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rewrite"
	"allroads/internal/tally"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// TestStops: a program is stopped by signals, says so to who started it, and goes on.
func TestStops(t *testing.T) {
	p := start(t, compiled(t, "habits"), "stop")
	if line := p.line(t); line != "ready 262\n" {
		t.Fatalf("the program says %q", line)
	}
	for range 3 {
		p.Signal(unix.SIGTSTP) // has a handler, which stops the program itself
		if line := p.line(t); line != "handler 262\n" {
			t.Fatalf("the program says %q", line)
		}
		select {
		case signal := <-p.Stops():
			if signal != unix.SIGSTOP {
				t.Errorf("stopped by %v", signal)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nobody says that it has stopped")
		}
		p.Signal(unix.SIGCONT)
		if line := p.line(t); line != "continued 262\n" {
			t.Fatalf("the program says %q", line)
		}
	}
	p.Signal(unix.SIGSTOP)
	<-p.Stops()
	p.Signal(unix.SIGKILL) // of a program that is stopped
	if status, err := p.Wait(); err != nil || status.Signal() != unix.SIGKILL {
		t.Errorf("it ended with %#x, %v", status, err)
	}
}

// TestTerminal: Ctrl-Z, fg, bg and Ctrl-C in a shell at a terminal, which is traced, or
// which starts somebody that traces.
func TestTerminal(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		netnstest.Missing(t, "bash")
	}
	program := compiled(t, "habits")
	cmd, _ := command(t, uint32(os.Getuid()))
	shell := []string{bash, "--norc", "--noprofile", "-i"}
	attr := &os.ProcAttr{
		Env: append(os.Environ(), "PS1=$ ", "TERM=dumb", "LC_ALL=C"),
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	t.Run("traced", func(t *testing.T) {
		out := terminal(t, attr)
		p, err := rewrite.Start(bash, shell, attr, rewrite.Options{Tally: new(tally.Tally)})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Drain()
		defer p.Signal(unix.SIGKILL)
		out.work(program)
		out.leave()
		if status, err := p.Wait(); err != nil || status.ExitStatus() != 5 {
			t.Errorf("the shell ended with %#x, %v", status, err)
		}
	})
	t.Run("tracing", func(t *testing.T) {
		out := terminal(t, attr)
		p, err := os.StartProcess(bash, shell, attr)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Kill()
		out.work(runnerVariable + "=1 " + cmd.Path + " " + program)
		out.leave()
		if state, err := p.Wait(); err != nil || state.ExitCode() != 5 {
			t.Errorf("the shell ended with %v, %v", state, err)
		}
	})
}

// terminal makes a terminal for a program.
func terminal(t *testing.T, attr *os.ProcAttr) expect {
	t.Helper()
	ours, tty, err := pty.Open()
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	attr.Files = []*os.File{tty, tty, tty}
	t.Cleanup(func() {
		tty.Close()
		ours.Close()
	})
	return expect{t, ours, listen(ours)}
}

// work stops jobs, and has them go on.
func (e expect) work(program string) {
	e.t.Helper()
	for _, step := range []struct{ keys, want string }{
		{program + " stop\n", "ready 262"},
		{"\x1a", "handler 262"},
		{"", "Stopped"},
		{"fg\n", "continued 262"},
		{"\x1a", "handler 262"},
		{"", "Stopped"},
		{"fg\n", "continued 262"},
		{"\x03", "$ "},
		{"echo it is $?\n", "it is 130"},
		{program + " late\n", "ready 262"},
		{"\x1a", "Stopped"},
		{"bg\n", " late &"}, // reads from the terminal
		{"until jobs | grep -q Stopped; do sleep 0.05; done; echo yes\n", "\nyes\r\n"},
		{"fg\n", " late"},
		{"\x04", "late 262"},
		{"echo it is $?\n", "it is 0"},
	} {
		e.step(step.keys, step.want)
	}
}

func (e expect) leave() {
	io.WriteString(e.to, "exit 5\n")
}

// expect is somebody at a terminal.
type expect struct {
	t    *testing.T
	to   *os.File
	from <-chan byte
}

// listen reads what a terminal shows, until it is gone.
func listen(terminal *os.File) <-chan byte {
	shown := make(chan byte, 1<<16)
	go func() {
		for b := make([]byte, 1); ; {
			if _, err := terminal.Read(b); err != nil {
				return
			}
			shown <- b[0]
		}
	}()
	return shown
}

func (e expect) step(keys, want string) {
	e.t.Helper()
	if len(keys) == 1 {
		time.Sleep(100 * time.Millisecond) // The shell's echo comes before the program.
	}
	io.WriteString(e.to, keys)
	patience := time.After(10 * time.Second)
	var seen strings.Builder
	for !strings.Contains(seen.String(), want) {
		select {
		case b := <-e.from:
			seen.WriteByte(b)
		case <-patience:
			e.t.Fatalf("after %q: want %q in %q", keys, want, seen.String())
		}
	}
}
