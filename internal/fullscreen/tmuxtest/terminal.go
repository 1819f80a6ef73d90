// Package tmuxtest gives tests a terminal of somebody else's making: tmux.
package tmuxtest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
)

const patience = 20 * time.Second

// Terminal is a shell in tmux.
type Terminal struct {
	Path string // A prefix for files of the test's, in a folder that goes with it.
	t    testing.TB
}

// Options are those of a terminal; its environment is that of the test and what is
// said here.
type Options struct {
	Width, Height int // in cells
	Environment   []string
	// Command makes a command where the shell is to run, and says how it is started;
	// when nil it runs where the test does.
	Command func(name string, args ...string) (command *exec.Cmd, start func() error)
}

// Start has a shell run in a new terminal until the end of the test. Its prompt is
// "next:".
func Start(t testing.TB, o Options) *Terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		netnstest.Missing(t, "program tmux")
	}
	m := &Terminal{t.TempDir() + "/tmux", t}
	m.serve(o)
	m.Until("tmux listens", func() bool { return m.command("show-options", "-g").Run() == nil })
	// As one word it would be run by the user's own shell, which may be one that refuses.
	m.Tell("new-session", "-d", "-x", fmt.Sprint(o.Width), "-y", fmt.Sprint(o.Height), "sh", "-i")
	m.Shows("next:")
	return m
}

func (m *Terminal) serve(o Options) {
	m.t.Helper()
	profile := m.Path + ".profile"
	if err := os.WriteFile(profile, []byte("PS1='next: '\n"), 0o600); err != nil {
		m.t.Fatal(err)
	}
	if o.Command == nil {
		o.Command = here
	}
	server, start := o.Command("tmux", "-S", m.Path, "-f", "/dev/null", "-D")
	server.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm", "NO_COLOR=",
		"GORACE=atexit_sleep_ms=0", "ENV="+profile)
	server.Env = append(server.Env, o.Environment...)
	if err := start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
}

func here(name string, args ...string) (command *exec.Cmd, start func() error) {
	command = exec.Command(name, args...)
	return command, command.Start
}

func (m *Terminal) command(args ...string) *exec.Cmd {
	return exec.Command("tmux", append([]string{"-S", m.Path}, args...)...)
}

// Tell gives tmux a command, and returns its output.
func (m *Terminal) Tell(args ...string) string {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// Types presses keys, named as in tmux.
func (m *Terminal) Types(keys ...string) {
	m.t.Helper()
	m.Tell(append([]string{"send-keys"}, keys...)...)
}

// Screen is what is seen, without spaces at the ends of lines.
func (m *Terminal) Screen() string {
	m.t.Helper()
	lines := strings.Split(m.Tell("capture-pane", "-p"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines[:len(lines)-1], "\n") + "\n"
}

// Shows waits until each text has been on the screen.
func (m *Terminal) Shows(texts ...string) {
	m.t.Helper()
	for _, text := range texts {
		m.Until("the screen shows "+text, func() bool { return strings.Contains(m.Screen(), text) })
	}
}

// Until waits for what has to come.
func (m *Terminal) Until(what string, so func() bool) {
	m.t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("not within %v: %s; the screen:\n%s", patience, what, m.Screen())
		}
	}
}
