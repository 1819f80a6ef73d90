package tmuxtest

import "testing"

// TestAnyShell: also users whose shell lets nobody in have a terminal.
func TestAnyShell(t *testing.T) {
	t.Setenv("SHELL", "/bin/false")
	m := Start(t, Options{Width: 40, Height: 5})
	m.Types("echo $((6 * 7))", "Enter")
	m.Shows("42\n")
}
