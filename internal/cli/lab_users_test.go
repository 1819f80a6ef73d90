package cli_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// patience is how long anything may take on a busy machine.
const patience = 30 * time.Second

// labUser is somebody who uses labs.
type labUser struct {
	t          *testing.T
	path       string // the program
	attributes *syscall.SysProcAttr
	dir        string // the user's own, for the sockets and for files
	root       bool
}

// asEachUser runs a test as root and as an ordinary user, as users does. Root's
// labs are in a /run of the test's own. Afterwards there must be nothing left.
func asEachUser(t *testing.T, test func(t *testing.T, u *labUser)) {
	t.Helper()
	if os.Geteuid() == 0 && !withOwnRun(t) {
		return
	}
	for name, attributes := range users() {
		path := program(t) // Made before anything forks: a file that is written cannot be run.
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := &labUser{t: t, path: path, attributes: attributes, root: name == "root", dir: ownFolder(t, attributes)}
			t.Cleanup(u.leave)
			test(t, u)
		})
	}
}

// ownFolder is one that a user can write to.
func ownFolder(t *testing.T, attributes *syscall.SysProcAttr) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "allroads-test-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	if attributes.Credential != nil {
		must(t, os.Chown(dir, int(attributes.Credential.Uid), int(attributes.Credential.Gid)))
	}
	return dir
}

// leave takes down what a test that failed has left, and holds that no other
// leaves anything.
func (u *labUser) leave() {
	races, _ := filepath.Glob(filepath.Join(u.dir, "race*"))
	for _, path := range races {
		text, _ := os.ReadFile(path)
		u.t.Errorf("%s", text)
	}
	if u.t.Failed() {
		u.run("down", "--all")
		return
	}
	u.expectNothing()
}

// expectNothing holds that there is no lab, nor anything of one, now.
func (u *labUser) expectNothing() {
	u.t.Helper()
	for _, exe := range alive(u.t, u.path) {
		cmdline, _ := os.ReadFile(filepath.Join(filepath.Dir(exe), "cmdline"))
		u.t.Errorf("still there: %s %q", exe, bytes.ReplaceAll(cmdline, []byte{0}, []byte{' '}))
	}
	for _, dir := range []string{u.sockets(), "/run/netns", "/run/allroads/labs"} {
		if dir != u.sockets() && !u.root {
			continue
		}
		entries, err := os.ReadDir(dir)
		if len(entries) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
			u.t.Errorf("%s: %v, %v", dir, entries, err)
		}
	}
}

// sockets is where the user's labs have their sockets.
func (u *labUser) sockets() string {
	if u.root {
		return "/run/allroads/sockets"
	}
	return filepath.Join(u.dir, "allroads")
}

// command is one of allroads lab.
func (u *labUser) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	u.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, u.path, append([]string{"lab"}, args...)...)
	attributes := *u.attributes
	cmd.Dir, cmd.SysProcAttr, cmd.WaitDelay = u.dir, &attributes, time.Second
	// Nobody hears what the processes in the background say of races. (At every
	// exit the detector would wait a second.)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+u.dir, "LC_ALL=C",
		"GORACE=atexit_sleep_ms=0 log_path="+filepath.Join(u.dir, "race"))
	return cmd
}

// run runs a command to its end.
func (u *labUser) run(args ...string) (stdout, stderr string, code int) {
	u.t.Helper()
	return u.finish(u.command(args...))
}

func (u *labUser) finish(cmd *exec.Cmd) (stdout, stderr string, code int) {
	u.t.Helper()
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if failure := cmd.Run(); failure != nil && cmd.ProcessState == nil {
		u.t.Fatal(failure)
	}
	return out.String(), err.String(), exitCodeOf(cmd)
}

// exitCodeOf is what a shell makes of how a program ended.
func exitCodeOf(cmd *exec.Cmd) int {
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// ok runs a command that has to succeed.
func (u *labUser) ok(args ...string) string {
	u.t.Helper()
	stdout, stderr, code := u.run(args...)
	if code != 0 || stderr != "" {
		u.t.Fatalf("%q: exit code %d: %s%s", args, code, stdout, stderr)
	}
	return stdout
}

// expect runs a command that has to fail, and to say why.
func (u *labUser) expect(code int, said string, args ...string) {
	u.t.Helper()
	stdout, stderr, got := u.run(args...)
	if got != code || !strings.Contains(stderr, said) || strings.Count(stderr, "\n") != 1 {
		u.t.Errorf("%q: exit code %d and %q, want %d and %q; output %q", args, got, stderr, code, said, stdout)
	}
}

// pair is a file of a lab of two hosts, a and b, and the link ab.
func (u *labUser) pair(name string) string {
	return u.file(name+".yaml", "name: "+name+`
hosts: [{name: a}, {name: b}]
links:
  - name: ab
    ends:
      - {host: a, interface: toward-b, addresses: [10.1.0.1/24]}
      - {host: b, interface: toward-a, addresses: [10.1.0.2/24]}
`)
}

func (u *labUser) file(name, text string) string {
	path := filepath.Join(u.dir, name)
	must(u.t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

const ownRunVariable = "ALLROADS_CLI_TEST_OWN_RUN"

// withOwnRun runs the calling test again in a process whose mounts are its own
// and whose /run is empty, so that it meets no lab of this machine. It reports true
// there.
func withOwnRun(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownRunVariable) == t.Name() {
		if err := unix.Mount("none", "/run", "tmpfs", 0, "mode=755"); err != nil {
			netnstest.Missing(t, "a /run of its own: "+err.Error())
		}
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.v", "-test.run=^"+regexp.QuoteMeta(t.Name())+"$")
	cmd.Env = append(os.Environ(), ownRunVariable+"="+t.Name(), "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	switch {
	case cmd.ProcessState == nil:
		netnstest.Missing(t, "mounts of its own: "+err.Error())
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case bytes.Contains(out, []byte("--- SKIP: "+t.Name()+" ")):
		t.Skipf("%s", out)
	case !bytes.Contains(out, []byte("--- PASS: "+t.Name()+" ")):
		t.Fatalf("the test did not run:\n%s", out)
	}
	t.Logf("%s", out)
	return false
}
