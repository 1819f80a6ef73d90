package notify_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/notify"
	"allroads/internal/seccomp"
	"allroads/internal/tally"
)

// TestMain is all that this test program can be: see roles.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		if role, found := roles[os.Args[1]]; found {
			if err := role(os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(3)
			}
			os.Exit(0)
		}
	}
	code := netns.RunTests(m)
	if dir := filepath.Dir(compiled); compiled != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

var compiled string

var compile = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "allroads-notify")
	if err != nil {
		return "", err
	}
	os.Chmod(dir, 0o755) // set-uid programs and other users read it
	file := filepath.Join(dir, "program")
	compiled = file
	out, err := exec.Command("gcc", "-O2", "-Wall", "-static", "-pthread", "-o", file, "testdata/program.c").CombinedOutput()
	if err != nil {
		os.Stderr.Write(out)
	}
	return file, err
})

// program is testdata/program.c, compiled.
func program(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		netnstest.Missing(t, "program gcc")
	}
	file, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// run is a program under supervision.
type run struct {
	process   *os.Process
	installed *seccomp.Installed
	tally     *tally.Tally
	served    chan error
	output    *bytes.Buffer
	copied    chan struct{}
}

// start runs a command under supervision of this process.
func start(t testing.TB, o notify.Options, command ...string) *run {
	t.Helper()
	r := &run{tally: new(tally.Tally), served: make(chan error, 1), output: new(bytes.Buffer), copied: make(chan struct{})}
	o.Tally = r.tally
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		netnstest.Missing(t, "program "+command[0])
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	attr := &os.ProcAttr{Files: []*os.File{null, write, write}}
	r.process, r.installed, err = notify.Start(path, command, attr, o)
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		io.Copy(r.output, read)
		read.Close()
		close(r.copied)
	}()
	go func() { r.served <- notify.Serve(r.installed.Listener, o) }()
	t.Cleanup(func() { r.process.Kill() })
	return r
}

// wait returns what it printed, and demands that it succeeds.
func (r *run) wait(t testing.TB) string {
	t.Helper()
	state, err := r.process.Wait()
	if err != nil {
		t.Fatal(err)
	}
	<-r.copied
	if !state.Success() {
		t.Errorf("%v: %s", state, r.output)
	}
	select {
	case err := <-r.served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("Serve goes on, though nothing has the filter")
	}
	r.installed.Listener.Close()
	return strings.TrimSpace(r.output.String())
}
