package fullscreen

import (
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

func TestEnd(t *testing.T) {
	s := sit(t, "end")
	s.sees(enterScreen)
	s.sees("ready")
	if said := s.ends(0); said != "" {
		t.Errorf("%q", said)
	}
}

// TestCrash: the terminal is as it was, and what Go says of the crash is readable
// there.
func TestCrash(t *testing.T) {
	for act, want := range map[string]string{
		"panic":                "panic: runtime error: invalid memory address",
		"panic in a goroutine": "panic: crash",
	} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			s := sit(t, act)
			s.sees("ready")
			if said := s.ends(2); !strings.HasPrefix(said, want) || !strings.Contains(said, "main_test.go:") {
				t.Errorf("%q", said)
			}
		})
	}
}

func TestSignals(t *testing.T) {
	for _, number := range []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGHUP} {
		s := sit(t, "terminate")
		s.sees("ready")
		must(t, s.cmd.Process.Signal(number))
		s.ends(128 + int(number))
	}
	s := sit(t, "terminate")
	s.sees("ready")
	s.types("\x03") // Ctrl-C
	s.ends(128 + int(unix.SIGINT))
	s = sit(t, "terminate")
	s.sees("ready")
	s.types("\x1c") // Ctrl-\
	if said := s.ends(2); !strings.HasPrefix(said, "SIGQUIT: quit") || !strings.Contains(said, "goroutine") {
		t.Errorf("%q", said)
	}
}

func TestKeys(t *testing.T) {
	s := sit(t, "keys")
	s.sees("ready")
	s.types("\x1b[A")
	s.sees("-2")
	s.types("\x1b") // alone
	s.sees("27")
	s.types("\x1b[")
	s.types("6~")
	s.sees("-9")
	s.types("\x1a\x1b[B") // nobody is there who would continue it
	s.sees("32m3")        // of -3, where -9 was
	must(t, pty.Setsize(s.master, &pty.Winsize{Rows: 33, Cols: 99}))
	s.sees("99 33")
	s.types("q")
	s.ends(0)
}

// TestGone: whoever plays learns that the terminal has gone.
func TestGone(t *testing.T) {
	s := sit(t, "keys")
	s.sees("ready")
	s.slave.Close()
	s.master.Close()
	if err := s.cmd.Wait(); err == nil {
		t.Error("it ended well")
	}
}

func TestNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	defer w.Close()
	if terminal, err := Open(r, w); err == nil {
		terminal.Close()
		t.Error("a pipe is a terminal")
	} else if !strings.Contains(err.Error(), "inappropriate ioctl for device") {
		t.Error(err)
	}
}
