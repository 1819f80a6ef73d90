package top_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"allroads/internal/fullscreen/tmuxtest"
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
	*tmuxtest.Terminal
	t testing.TB
}

// sit has a shell run in a terminal of a size.
func sit(t testing.TB, host *lab.Host, width, height int, environment ...string) *terminal {
	t.Helper()
	inside := func(name string, args ...string) (*exec.Cmd, func() error) {
		command := host.Command(name, args...)
		return command.Cmd, command.Start
	}
	return &terminal{tmuxtest.Start(t, tmuxtest.Options{
		Width: width, Height: height, Environment: append([]string{programVariable + "=1"}, environment...), Command: inside,
	}), t}
}

// runs begins `allroads top`, after a note of the terminal's settings.
func (m *terminal) runs(arguments string) { m.t.Helper(); m.runsAs("", arguments) }

// runsAs does so by another program.
func (m *terminal) runsAs(by, arguments string) {
	m.t.Helper()
	m.Types("clear; stty -a >"+m.Path+".before; "+by+" "+program(m.t)+" top "+arguments+"; echo code $?", "Enter")
	m.Shows("allroads top")
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
	m.Shows(fmt.Sprintf("code %d\n", code))
	said = m.Screen()
	m.Types("clear; stty -a | diff - "+m.Path+".before && echo as it' 'was", "Enter")
	m.Shows("as it was")
	if flags := m.Tell("display-message", "-p", "#{alternate_on} #{cursor_flag}"); flags != "0 1\n" {
		m.t.Errorf("alternate screen, cursor: %s", flags)
	}
	return said
}
