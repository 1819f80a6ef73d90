package top_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestEnds: whatever ends it, the terminal is as it was.
func TestEnds(t *testing.T) {
	n := newNetwork(t, "10.1.0.1:4321")
	m := sit(t, n.client, 80, 24)
	m.runs("")
	m.Types("C-c")
	if said := m.restored(130); !strings.Contains(said, "allroads: interrupted\n") {
		t.Errorf("%s", said)
	}
	for signal, code := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGQUIT: 2} {
		m.runs("")
		must(t, syscall.Kill(m.program(), signal))
		m.restored(code)
	}
	m.runs("")
	m.Tell("resize-window", "-x", "40", "-y", "10")
	m.Shows("TOKEN      SENT   RECV REMOTE\n", "F10Quit")
	if strings.Contains(m.Screen(), "IDLE") {
		t.Errorf("%s", m.Screen())
	}
	m.Tell("resize-window", "-x", "80", "-y", "24")
	m.Shows("IDLE")
	m.Types("C-z")
	m.Shows("Stopped")
	m.Types("fg; echo code $?", "Enter")
	m.Shows("10.1.0.1:4321 ESTAB  initial")
	m.Types("q")
	m.restored(0)
}

// TestCrash: what Go says of a crash can be read, in a terminal that is as it was.
func TestCrash(t *testing.T) {
	n := newNetwork(t, "10.1.0.1:4321")
	m := sit(t, n.client, 80, 24, programVariable+"=crash")
	m.runs("2>" + m.Path + ".said")
	m.restored(2)
	said, err := os.ReadFile(m.Path + ".said")
	must(t, err)
	if !strings.HasPrefix(string(said), "panic: fragile") || !strings.Contains(string(said), "main_test.go:") {
		t.Errorf("%s", said)
	}
}

// program is the number of the process that runs in the terminal.
func (m *terminal) program() int {
	m.t.Helper()
	shell := strings.TrimSpace(m.Tell("display-message", "-p", "#{pane_pid}"))
	children, err := os.ReadFile(filepath.Join("/proc", shell, "task", shell, "children"))
	must(m.t, err)
	pid, err := strconv.Atoi(strings.Fields(string(children) + " none")[0])
	must(m.t, err)
	return pid
}
