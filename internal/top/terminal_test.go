package top_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

const patience = 20 * time.Second

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// terminal is a shell in tmux, in a host of a lab.
type terminal struct {
	t      testing.TB
	socket string
}

// sit has a shell run in a terminal of a size. Its prompt is "next:".
func sit(t testing.TB, host *lab.Host, width, height int, environment ...string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		netnstest.Missing(t, "program tmux")
	}
	m := &terminal{t, t.TempDir() + "/socket"}
	must(t, os.WriteFile(m.socket+".profile", []byte("PS1='next: '\n"), 0o600))
	server := host.Command("tmux", "-S", m.socket, "-f", "/dev/null", "-D")
	server.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm", "NO_COLOR=", programVariable+"=1",
		"GORACE=atexit_sleep_ms=0", "ENV="+m.socket+".profile")
	server.Env = append(server.Env, environment...)
	must(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	m.until("tmux listens", func() bool { return exec.Command("tmux", "-S", m.socket, "show-options", "-g").Run() == nil })
	m.tell("new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "sh -i")
	m.shows("next:")
	return m
}

func (m *terminal) tell(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

func (m *terminal) types(keys ...string) {
	m.t.Helper()
	m.tell(append([]string{"send-keys"}, keys...)...)
}

// screen is what is seen, without spaces at the ends of lines.
func (m *terminal) screen() string {
	lines := strings.Split(m.tell("capture-pane", "-p"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines[:len(lines)-1], "\n") + "\n"
}

func (m *terminal) until(what string, so func() bool) {
	m.t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("not within %v: %s; the screen:\n%s", patience, what, m.screen())
		}
	}
}

func (m *terminal) shows(texts ...string) {
	m.t.Helper()
	for _, text := range texts {
		m.until("the screen shows "+text, func() bool { return strings.Contains(m.screen(), text) })
	}
}

// runs begins `allroads top`, after a note of the terminal's settings.
func (m *terminal) runs(arguments string) { m.t.Helper(); m.runsAs("", arguments) }

// runsAs does so by another program.
func (m *terminal) runsAs(by, arguments string) {
	m.t.Helper()
	m.types("clear; stty -a >"+m.socket+".before; "+by+" "+program(m.t)+" top "+arguments+"; echo code $?", "Enter")
	m.shows("allroads top")
}

func program(t testing.TB) string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	return self
}

// restored waits until the shell has the terminal as it was, and says what it showed
// meanwhile.
func (m *terminal) restored(code int) (said string) {
	m.t.Helper()
	m.shows(fmt.Sprintf("code %d\n", code))
	said = m.screen()
	m.types("clear; stty -a | diff - "+m.socket+".before && echo as it' 'was", "Enter")
	m.shows("as it was")
	if flags := m.tell("display-message", "-p", "#{alternate_on} #{cursor_flag}"); flags != "0 1\n" {
		m.t.Errorf("alternate screen, cursor: %s", flags)
	}
	return said
}
