package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// seat is a terminal at which somebody runs a command.
type seat struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File
	before unix.Termios
	seen   []byte
}

// sit runs one of allroads lab at a terminal of 33 lines of 99 columns.
func (u *labUser) sit(args ...string) *seat {
	u.t.Helper()
	return u.sitAt(u.command(args...))
}

func (u *labUser) sitAt(cmd *exec.Cmd) *seat {
	u.t.Helper()
	master, slave, err := pty.Open()
	must(u.t, err)
	u.t.Cleanup(func() { master.Close(); slave.Close() })
	must(u.t, pty.Setsize(master, &pty.Winsize{Rows: 33, Cols: 99}))
	s := &seat{t: u.t, master: master, slave: slave, cmd: cmd}
	s.before = s.settings()
	s.cmd.Stdin, s.cmd.Stderr = slave, slave
	if s.cmd.Stdout == nil {
		s.cmd.Stdout = slave
	}
	s.cmd.SysProcAttr.Setsid, s.cmd.SysProcAttr.Setctty = true, true
	must(u.t, s.cmd.Start())
	return s
}

func (s *seat) settings() unix.Termios {
	s.t.Helper()
	settings, err := unix.IoctlGetTermios(int(s.slave.Fd()), unix.TCGETS)
	must(s.t, err)
	return *settings
}

func (s *seat) types(text string) {
	s.t.Helper()
	_, err := s.master.WriteString(text)
	must(s.t, err)
}

// sees waits until the screen shows a text, and takes it and all before it away.
func (s *seat) sees(text string) (all string) {
	s.t.Helper()
	buffer := make([]byte, 4096)
	for deadline := time.Now().Add(patience); ; {
		if at := bytes.Index(s.seen, []byte(text)); at >= 0 {
			all, s.seen = string(s.seen[:at]), s.seen[at+len(text):]
			return all
		}
		polled := []unix.PollFd{{Fd: int32(s.master.Fd()), Events: unix.POLLIN}}
		if n, _ := unix.Poll(polled, 1000); n <= 0 {
			if time.Now().After(deadline) {
				s.t.Fatalf("no %q on the screen: %q", text, s.seen)
			}
			continue
		}
		n, err := s.master.Read(buffer)
		must(s.t, err)
		s.seen = append(s.seen, buffer[:n]...)
	}
}

// ends waits for the end; the terminal is what it was.
func (s *seat) ends(code int) {
	s.t.Helper()
	ended := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		s.t.Fatalf("it goes on; the screen: %q", s.seen)
	}
	if got := exitCodeOf(s.cmd); got != code {
		s.t.Errorf("exit code %d, want %d; the screen: %q", got, code, s.seen)
	}
	if after := s.settings(); after != s.before {
		s.t.Errorf("the terminal is %+v, and was %+v", after, s.before)
	}
}

// TestLabTerminal uses a shell as people do.
func TestLabTerminal(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		s := u.sit("exec", "lab/a", "--", "sh", "-i")
		s.types("stty size; tty; PS1='next'' '\n")
		s.sees("33 99\r\n/dev/pts/")
		s.sees("next ")
		must(t, pty.Setsize(s.master, &pty.Winsize{Rows: 44, Cols: 111}))
		eventually(t, "another size", func() bool {
			s.types("stty size\n")
			s.sees("stty size\r\n")
			return strings.Contains(s.sees("next "), "44 111")
		})
		s.types("sleep 1000; echo after' 'it $?\n")
		s.sees("echo after' 'it $?\r\n")
		time.Sleep(100 * time.Millisecond) // so that it sleeps; if not yet, the shell is interrupted
		s.types("\x03")
		s.sees("next ")
		s.types("cat\n")
		s.sees("cat\r\n")
		s.types("echoed\n")
		s.sees("echoed\r\nechoed\r\n")
		s.types("\x1a") // Ctrl-Z
		s.sees("Stopped")
		s.sees("next ")
		s.types("jobs\n")
		s.sees("Stopped")
		s.sees("next ")
		s.types("fg\n")
		s.sees("fg\r\ncat\r\n")
		s.types("again\n")
		s.sees("again\r\nagain\r\n")
		s.types("\x04") // end of cat's input
		s.sees("next ")
		s.types("sh -c 'echo >/dev/tty to the terminal'\n")
		s.sees("\r\nto the terminal\r\n")
		s.types("exit 6\n")
		s.ends(6)
		u.ok("down", "lab")
	})
}

// TestLabTerminalRestored ends commands that have changed their terminal.
func TestLabTerminalRestored(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		const raw = "stty raw -echo; echo ready; "
		s := u.sit("exec", "lab/a", "--", "sh", "-c", raw+"exit 9")
		s.sees("ready")
		s.ends(9)
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
			s := u.sit("exec", "lab/a", "--", "sh", "-c", raw+"exec sleep 1000")
			s.sees("ready")
			must(t, s.cmd.Process.Signal(signal))
			s.ends(128 + int(signal))
		}
		s = u.sit("exec", "lab/a", "--", "sh", "-c", raw+"head -c 1 | od -An -tx1; exit 8")
		s.sees("ready")
		s.types("\x03") // just a byte
		s.sees("03")
		s.ends(8)
		s = u.sit("exec", "lab/none", "--", "sh")
		s.sees(`no host "none"`)
		s.ends(3)
		s = u.sit("exec", "lab/a", "--", "sh", "-c", "trap '' HUP TERM; "+raw+"while :; do sleep 0.05; done")
		s.sees("ready")
		u.ok("down", "lab")
		s.sees("allroads: lab lab: the lab has been taken down\r\n")
		s.ends(3)
	})
}

// TestLabTerminalOutput shows all that a command has written, however slow its
// reader, and whatever it has left behind.
func TestLabTerminalOutput(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		s := u.sit("exec", "lab/a", "--", "sh", "-c", "seq 100000; trap '' HUP; sleep 1000 & echo the end")
		time.Sleep(500 * time.Millisecond) // longer than it waits for what is left behind
		lines := strings.Split(strings.TrimSuffix(s.sees("the end\r\n"), "\r\n"), "\r\n")
		for i, line := range lines {
			if line != fmt.Sprint(i+1) {
				t.Fatalf("line %d is %q", i+1, line)
			}
		}
		if len(lines) != 100_000 {
			t.Errorf("%d lines", len(lines))
		}
		s.ends(0)
		u.ok("down", "lab")
	})
}

// TestLabTerminalPipe: who pipes output into a pager needs the terminal there.
func TestLabTerminalPipe(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.pair("lab"))
		s := u.sitAt(u.shell("EXEC sh -c 'tty >&2; cat' | tr a-z A-Z"))
		s.sees("/dev/pts/")
		s.types("typed\n")
		s.sees("typed\r\nTYPED\r\n")
		s.types("\x03")
		s.ends(128 + int(syscall.SIGINT))
		u.ok("down", "lab")
	})
}
