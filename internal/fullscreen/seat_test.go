package fullscreen

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// seat is a terminal at which this test program plays.
type seat struct {
	t             *testing.T
	cmd           *exec.Cmd
	master, slave *os.File
	before        settings
	seen          []byte
}

func sit(t *testing.T, act string) *seat {
	t.Helper()
	master, slave, err := pty.Open()
	must(t, err)
	t.Cleanup(func() { master.Close(); slave.Close() })
	must(t, pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}))
	before, err := readSettings(slave)
	must(t, err)
	s := &seat{t: t, master: master, slave: slave, before: *before, cmd: exec.Command("/proc/self/exe")}
	s.cmd.Env = append(os.Environ(), actVariable+"="+act, "TERM=xterm", "LC_ALL=C.UTF-8", "GORACE=atexit_sleep_ms=0")
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, slave, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, s.cmd.Start())
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	return s
}

// sees waits until a text has been written, and takes it and all before it away.
func (s *seat) sees(text string) (before string) {
	s.t.Helper()
	buffer := make([]byte, 4096)
	for end := time.Now().Add(patience); ; {
		if before, after, found := bytes.Cut(s.seen, []byte(text)); found {
			s.seen = after
			return string(before)
		}
		polled := []unix.PollFd{{Fd: int32(s.master.Fd()), Events: unix.POLLIN}}
		if n, _ := unix.Poll(polled, 500); n <= 0 {
			if time.Now().After(end) {
				s.t.Fatalf("no %q in %q", text, s.seen)
			}
			continue
		}
		n, err := s.master.Read(buffer)
		must(s.t, err)
		s.seen = append(s.seen, buffer[:n]...)
	}
}

func (s *seat) types(text string) {
	s.t.Helper()
	_, err := s.master.WriteString(text)
	must(s.t, err)
}

// ends waits for the end, with how a shell would call it. The screen and the
// terminal's settings are as before.
func (s *seat) ends(code int) (said string) {
	s.t.Helper()
	s.sees(leaveScreen)
	ended := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		s.t.Fatalf("it goes on; written: %q", s.seen)
	}
	status := s.cmd.ProcessState.Sys().(syscall.WaitStatus)
	got := status.ExitStatus()
	if status.Signaled() {
		got = 128 + int(status.Signal())
	}
	if got != code {
		s.t.Errorf("exit code %d, want %d", got, code)
	}
	s.restored()
	return s.rest()
}

func (s *seat) restored() {
	s.t.Helper()
	after, err := readSettings(s.slave)
	must(s.t, err)
	if *after != s.before {
		s.t.Errorf("the terminal is %+v, and was %+v", *after, s.before)
	}
}

// rest is all that was written behind what was seen. None of it takes the screen
// again.
func (s *seat) rest() string {
	s.t.Helper()
	s.slave.WriteString("the end of it")
	text := s.sees("the end of it")
	if strings.Contains(text, "\x1b[") {
		s.t.Errorf("behind the end: %q", text)
	}
	return text
}
