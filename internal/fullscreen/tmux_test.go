package fullscreen

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"allroads/internal/fullscreen/tmuxtest"
)

const tmuxWidth, tmuxHeight = 70, 20

// tmux is a terminal of somebody else's making.
type tmux struct {
	*tmuxtest.Terminal
	t *testing.T
}

func newTmux(t *testing.T) *tmux {
	t.Helper()
	return &tmux{tmuxtest.Start(t, tmuxtest.Options{Width: tmuxWidth, Height: tmuxHeight}), t}
}

// acts begins an act.
func (m *tmux) acts(act string) {
	m.t.Helper()
	self, err := os.Executable()
	must(m.t, err)
	m.Types(fmt.Sprintf("%s='%s' %s", actVariable, act, self), "Enter")
	m.Shows("ready")
}

// TestScreens: the screen shows what is drawn, whatever it has shown before.
func TestScreens(t *testing.T) {
	m := newTmux(t)
	m.acts("random")
	draw := randomGrids(tmuxWidth, tmuxHeight)
	for range 30 {
		want := draw().String()
		m.Types("x")
		last := ""
		for range 400 {
			if last = m.Screen(); last == want {
				break
			}
		}
		if last != want {
			t.Fatalf("the screen is\n%swant\n%s", last, want)
		}
	}
	m.Types("q")
	m.Shows("next:")
}

// TestSuspend stops the program as a shell does, twice, with another program on the
// screen meanwhile.
func TestSuspend(t *testing.T) {
	m := newTmux(t)
	m.Types("stty -a >"+m.Path+".before", "Enter")
	m.acts("keys")
	m.Types("Up")
	m.Shows("key -2")
	for range 2 {
		m.Types("C-z")
		m.Shows("Stopped")
		m.Types("clear; stty -a | cmp - "+m.Path+".before && echo as it' 'was", "Enter")
		m.Shows("as it was")
		m.Types("bg", "Enter") // It stops again: the terminal is not its own.
		m.Shows("next: bg")
		m.Types("fg", "Enter")
		m.Shows("key -")
		m.Types("F10")
		m.Shows("key -21")
		if strings.Contains(m.Screen(), "as it was") {
			t.Error("the shell's text is still there")
		}
	}
	m.Types("q")
	eventually(t, "the shell's screen", func() bool { return !strings.Contains(m.Screen(), "key -") })
	m.Types("stty -a | cmp - "+m.Path+".before && echo as be' 'fore", "Enter")
	m.Shows("as be fore")
}
