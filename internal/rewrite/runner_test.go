package rewrite_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/rewrite"
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

// runnerVariable makes this test program what allroads run is: it starts the program
// of its arguments, ends as that does, and prints what was counted on descriptor 3.
const runnerVariable = "REWRITE_RUNNER"

func runner() int {
	os.Unsetenv(runnerVariable)
	var counts tally.Tally
	p, err := rewrite.Start(os.Args[1], os.Args[1:], &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Env: os.Environ(),
	}, rewrite.Options{Tally: &counts})
	if err != nil {
		fmt.Println(err)
		return 99
	}
	// What a terminal sends goes to the program as well, which decides.
	signal.Notify(make(chan os.Signal, 1), unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	go func() {
		for range p.Stops() {
			unix.Kill(unix.Getpid(), unix.SIGSTOP)
		}
	}()
	status, err := p.Wait()
	if err != nil {
		fmt.Println(err)
		return 99
	}
	json.NewEncoder(os.NewFile(3, "tally")).Encode(counts.Sockets())
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// finished is what came of a runner.
type finished struct {
	out     string
	code    int
	sockets tally.Sockets
}

// command is a runner as a user; what it counts comes out of the pipe.
func command(t testing.TB, uid uint32, argv ...string) (*exec.Cmd, *os.File) {
	t.Helper()
	self := filepath.Join(readable(t), "runner")
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", own, self).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		w.Close()
	})
	cmd := exec.Command(self, argv...)
	cmd.Env = append(os.Environ(), runnerVariable+"=1", "GORACE=atexit_sleep_ms=0")
	cmd.ExtraFiles = []*os.File{w}
	cmd.Dir = "/"
	if int(uid) != os.Getuid() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	return cmd, r
}

func runnerAs(t testing.TB, uid uint32, argv ...string) (f finished) {
	t.Helper()
	cmd, counts := command(t, uid, argv...)
	out, _ := cmd.CombinedOutput()
	f.out, f.code = string(out), cmd.ProcessState.ExitCode()
	cmd.ExtraFiles[0].Close()
	text, err := io.ReadAll(counts)
	if err != nil {
		t.Fatal(err)
	}
	if f.code != 99 {
		if err := json.NewDecoder(strings.NewReader(string(text))).Decode(&f.sockets); err != nil {
			t.Fatalf("%s: what was counted: %q: %v", f.out, text, err)
		}
	}
	return f
}
