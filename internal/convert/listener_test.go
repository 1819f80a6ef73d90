package convert_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/convert"
	"allroads/internal/seccomp"
)

// TestListenerOfOthers: where a container has a listener already, as its manager may, the
// kernel refuses another, and the program is traced.
func TestListenerOfOthers(t *testing.T) {
	allroads := build(t)
	path := filepath.Join(t.TempDir(), "report")
	cmd := exec.Command(allroads, "run", "--explain", "--report", path, "--", os.Args[0])
	cmd.Env = append(os.Environ(), "OPEN=0s")
	out, err := within(t, cmd)
	if err != nil || !strings.Contains(string(out), "262 <nil>") || !strings.Contains(string(out), "not notify: ") {
		t.Fatalf("%v: %s", err, out)
	}
	var report convert.Report
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil || report.Strategy != convert.Trace || report.Sockets.Converted != 1 {
		t.Errorf("%v: %s", err, text)
	}
}

// within runs a command below a listener that nothing ever asks.
func within(t *testing.T, cmd *exec.Cmd) (out []byte, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // For good: the thread has the filter, and ends with it.
		var installed *seccomp.Installed
		if installed, err = (seccomp.Filter{Listeners: false}).Notify(); err == nil {
			defer installed.Listener.Close()
			out, err = cmd.CombinedOutput()
		}
	}()
	<-done
	return out, err
}
