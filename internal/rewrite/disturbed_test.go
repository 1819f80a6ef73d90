package rewrite_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rewrite"
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// TestDisturbed: a program is killed at any moment of its start. Other signals are not
// sent here: see seize.
func TestDisturbed(t *testing.T) {
	program := compiled(t, "habits")
	if _, err := os.Stat("/proc/thread-self/children"); err != nil {
		netnstest.Missing(t, err.Error())
	}
	for _, signal := range []unix.Signal{unix.SIGKILL} {
		end, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			for {
				select {
				case <-end:
					return
				default:
					signalChildren(signal)
				}
			}
		}()
		killed := 0
		for range 100 {
			p, err := rewrite.Start(program, []string{program, "ask"}, &os.ProcAttr{}, rewrite.Options{Tally: new(tally.Tally)})
			if err != nil && signal == unix.SIGKILL { // of the child, before it was the program
				if strings.Contains(err.Error(), "read") {
					t.Errorf("%v, of a program that was killed", err)
				}
				killed++
				continue
			}
			if err != nil {
				t.Fatalf("%v: %v", signal, err)
			}
			status, err := p.Wait()
			if status.Signaled() && status.Signal() == unix.SIGKILL {
				killed++
			} else if err != nil || !status.Exited() {
				t.Errorf("%v: ended with %#x, %v", signal, status, err)
			}
			if err := p.Drain(); err != nil || p.Tasks() != 0 {
				t.Errorf("%v: %d tasks are left, %v", signal, p.Tasks(), err)
			}
		}
		close(end)
		<-ended
		if (killed > 0) != (signal == unix.SIGKILL) {
			t.Errorf("%v: %d were killed", signal, killed)
		}
	}
}

// signalChildren sends a signal to what this process has started.
func signalChildren(signal unix.Signal) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		children, _ := os.ReadFile(list)
		for child := range strings.FieldsSeq(string(children)) {
			if pid, err := strconv.Atoi(child); err == nil {
				unix.Kill(pid, signal)
			}
		}
	}
}
