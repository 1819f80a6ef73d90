package fullscreen

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
)

// tmux is a terminal of somebody else's making.
type tmux struct {
	t    *testing.T
	path string // of its socket
}

const tmuxWidth, tmuxHeight = 70, 20

// newTmux runs a shell in a terminal.
func newTmux(t *testing.T) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		netnstest.Missing(t, "program tmux")
	}
	m := &tmux{t, t.TempDir() + "/socket"}
	must(t, os.WriteFile(m.path+".profile", []byte("PS1='next: '\n"), 0o600))
	server := exec.Command("tmux", "-S", m.path, "-f", "/dev/null", "-D")
	server.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "GORACE=atexit_sleep_ms=0", "ENV="+m.path+".profile", "TERM=xterm")
	must(t, server.Start())
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	eventually(t, "tmux listens", func() bool { return exec.Command("tmux", "-S", m.path, "show-options", "-g").Run() == nil })
	m.tell("set-option", "-g", "exit-empty", "off")
	m.tell("new-session", "-d", "-x", fmt.Sprint(tmuxWidth), "-y", fmt.Sprint(tmuxHeight), "sh -i")
	m.shows("next:")
	return m
}

func (m *tmux) tell(args ...string) string {
	m.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", m.path}, args...)...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

func (m *tmux) types(keys ...string) { m.t.Helper(); m.tell(append([]string{"send-keys"}, keys...)...) }

// screen is what is seen, without spaces at the ends of lines.
func (m *tmux) screen() string {
	lines := strings.Split(m.tell("capture-pane", "-p"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

func (m *tmux) shows(text string) {
	m.t.Helper()
	for end := time.Now().Add(patience); !strings.Contains(m.screen(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("no %q on the screen:\n%s", text, m.screen())
		}
	}
}

// acts begins an act.
func (m *tmux) acts(act string) {
	m.t.Helper()
	self, err := os.Executable()
	must(m.t, err)
	m.types(fmt.Sprintf("%s='%s' %s", actVariable, act, self), "Enter")
	m.shows("ready")
}

// TestScreens: the screen shows what is drawn, whatever it has shown before.
func TestScreens(t *testing.T) {
	m := newTmux(t)
	m.acts("random")
	draw := randomGrids(tmuxWidth, tmuxHeight)
	for range 30 {
		want := strings.TrimRight(draw().String(), "\n") + "\n"
		m.types("x")
		last := ""
		for range 400 {
			if last = m.screen(); last == want {
				break
			}
		}
		if last != want {
			t.Fatalf("the screen is\n%swant\n%s", last, want)
		}
	}
	m.types("q")
	m.shows("next:")
}

// TestSuspend stops the program as a shell does, twice, with another program on the
// screen meanwhile.
func TestSuspend(t *testing.T) {
	m := newTmux(t)
	m.types("stty -a >"+m.path+".before", "Enter")
	m.acts("keys")
	m.types("Up")
	m.shows("key -2")
	for range 2 {
		m.types("C-z")
		m.shows("Stopped")
		m.types("clear; stty -a | cmp - "+m.path+".before && echo as it' 'was", "Enter")
		m.shows("as it was")
		m.types("bg", "Enter") // It stops again: the terminal is not its own.
		m.shows("next: bg")
		m.types("fg", "Enter")
		m.shows("key -")
		m.types("F10")
		m.shows("key -21")
		if strings.Contains(m.screen(), "as it was") {
			t.Error("the shell's text is still there")
		}
	}
	m.types("q")
	eventually(t, "the shell's screen", func() bool { return !strings.Contains(m.screen(), "key -") })
	m.types("stty -a | cmp - "+m.path+".before && echo as be' 'fore", "Enter")
	m.shows("as be fore")
}
