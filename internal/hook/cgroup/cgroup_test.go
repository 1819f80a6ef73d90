package cgroup

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/vm"

	"golang.org/x/sys/unix"
)

// holdVariable makes this test binary a process that makes a cgroup and is killed.
const holdVariable = "CGROUP_HOLD"

// userVariable makes that process an ordinary user's.
const userVariable = "CGROUP_USER"

func TestMain(m *testing.M) {
	if name := os.Getenv(holdVariable); name != "" {
		if user, err := strconv.Atoi(os.Getenv(userVariable)); err == nil {
			if err := syscall.Setresuid(user, user, user); err != nil {
				fmt.Println(err)
				os.Exit(3)
			}
		}
		c, err := Create(name)
		if err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
		fmt.Println("held")
		_, _ = io.Copy(io.Discard, os.Stdin)
		c.Close()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// made makes a cgroup that is gone after the test, or skips it where this user may
// not.
func made(t *testing.T, name string) *Cgroup {
	t.Helper()
	c, err := Create(unique(name))
	if !vm.Inside() && (errors.Is(err, ErrNotSupported) || errors.Is(err, os.ErrPermission) || errors.Is(err, unix.EROFS)) {
		t.Skipf("make test-vm runs this: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(c.Path()); err != nil {
			t.Error(err)
		}
		c.Close()
	})
	return c
}

func unique(name string) string { return fmt.Sprintf("%s-%d", name, os.Getpid()) }

// sleeper starts a process in a cgroup, which makes another below it.
func sleeper(t *testing.T, c *Cgroup, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(append(os.Environ(), holdVariable+"="+unique("below")), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: c.Fd()}
	input(t, cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	wantHeld(t, out)
	return cmd
}

// input gives a process an input that ends with this process.
func input(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
}

// wantHeld waits until the process has its cgroup.
func wantHeld(t *testing.T, out io.Reader) {
	t.Helper()
	word := make([]byte, 200)
	if n, err := out.Read(word); err != nil || string(word[:n]) != "held\n" {
		t.Fatalf("the process says %q: %v", word[:n], err)
	}
}

func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func wantEmpty(t *testing.T, c *Cgroup, want bool) {
	t.Helper()
	if got, err := c.Empty(); err != nil || got != want {
		t.Errorf("Empty = %v, want %v: %v", got, want, err)
	}
}

// TestCreate: a cgroup, from its making to its end. The kernel's own files are the
// oracle.
func TestCreate(t *testing.T) {
	c := made(t, "create")
	wantEmpty(t, c, true)
	p := sleeper(t, c)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", p.Process.Pid))
	if err != nil || !strings.Contains(string(text), "/"+filepath.Base(c.Path())+"\n") {
		t.Errorf("the process is in %q, not in %s: %v", text, c.Path(), err)
	}
	if pids, err := c.Processes(); err != nil || !slices.Contains(pids, p.Process.Pid) {
		t.Errorf("Processes = %v without %d: %v", pids, p.Process.Pid, err)
	}
	wantEmpty(t, c, false)
	if err := c.Remove(); !errors.Is(err, ErrBusy) {
		t.Errorf("Remove of a cgroup with a process: %v", err)
	}
	kill(p)
	wantEmpty(t, c, true) // What the process made below is still there, and empty.
	if err := c.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", c.Path(), err)
	}
	wantEmpty(t, c, true)
}

// TestID: the number is the directory's, wherever inodes have 64 bits.
func TestID(t *testing.T) {
	c := made(t, "id")
	id, err := c.ID()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(c.Path())
	if err != nil {
		t.Fatal(err)
	}
	if inode := info.Sys().(*syscall.Stat_t).Ino; strconv.IntSize == 64 && inode != id {
		t.Errorf("ID = %d, the inode is %d", id, inode)
	}
}

// TestSweep: what a killed process left is removed, what another has is not, and what
// is not ours neither.
func TestSweep(t *testing.T) {
	held := made(t, "held")
	parent := filepath.Dir(held.Path())
	foreign := filepath.Join(parent, unique("foreign"))
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	defer unix.Rmdir(foreign)

	name := unique("killed")
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), holdVariable+"="+name)
	input(t, cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer kill(cmd)
	wantHeld(t, out)
	left := filepath.Join(parent, prefix+name)
	wantSwept(t, left, false)
	if _, err := Create(name); err == nil {
		t.Errorf("Create made %s although a process has it", name)
	}
	kill(cmd)
	wantSwept(t, left, true)
	for _, path := range []string{held.Path(), foreign} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("Sweep removed what it should not: %v", err)
		}
	}
}

func wantSwept(t *testing.T, path string, want bool) {
	t.Helper()
	if held, err := Held(path); err != nil || held == want {
		t.Errorf("Held = %v: %v", held, err)
	}
	swept, err := Sweep()
	if got := slices.Contains(swept, path); err != nil || got != want {
		t.Errorf("Sweep removed %v; %s among them: %v, want %v: %v", swept, path, got, want, err)
	}
}

// TestTaken: an empty cgroup that nobody holds any more is made anew, with all below.
func TestTaken(t *testing.T) {
	first := made(t, "taken")
	if err := os.MkdirAll(filepath.Join(first.Path(), "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	before, err := first.ID()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := made(t, "taken")
	if after, err := second.ID(); err != nil || after == before {
		t.Errorf("the cgroup is the same as before: %d, %d: %v", before, after, err)
	}
}

// TestDelegated: an ordinary user makes one where a cgroup was given to him, as
// systemd does with Delegate=.
func TestDelegated(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("it takes root to give a cgroup away")
	}
	const nobody = 65534
	c := made(t, "delegated")
	for _, path := range []string{c.Path(), filepath.Join(c.Path(), "cgroup.procs")} {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	sleeper(t, c, fmt.Sprint(userVariable, "=", nobody))
	info, err := os.Stat(filepath.Join(c.Path(), prefix+unique("below")))
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != nobody {
		t.Errorf("user %d's cgroup is %+v: %v", nobody, info, err)
	}
}

func TestRefused(t *testing.T) {
	for _, name := range []string{"", "a/b", "..\n", "../x", strings.Repeat("x", 250)} {
		if c, err := Create(name); err == nil {
			t.Errorf("Create(%q) made %s", name, c.Path())
		}
	}
	for _, path := range []string{"/none/such", "/proc", t.TempDir()} {
		if _, err := Open(path); err == nil {
			t.Errorf("Open(%s) worked", path)
		}
	}
	own, err := Own()
	if err != nil {
		t.Skip(err)
	}
	c, err := Open(own)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Remove(); err == nil || !strings.Contains(err.Error(), "not made by allroads") {
		t.Errorf("Remove of a cgroup that is not ours: %v", err)
	}
	wantEmpty(t, c, false)
}
