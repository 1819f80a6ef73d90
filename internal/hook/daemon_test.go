package hook

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/vm"

	"golang.org/x/sys/unix"
)

// allroadsd is the path of the program, which a virtual machine has, and which is
// built elsewhere.
func allroadsd(t *testing.T) string {
	t.Helper()
	if vm.Inside() {
		return "/bin/allroadsd"
	}
	path := filepath.Join(t.TempDir(), "allroadsd")
	if out, err := exec.Command("go", "build", "-o", path, "allroads/cmd/allroadsd").CombinedOutput(); err != nil {
		t.Fatalf("go build allroadsd: %v: %s", err, out)
	}
	return path
}

// line is a line that allroadsd hook prints.
type line struct {
	Hook, Cgroup string
	Version      int
	Pinned       bool
	IPv6         *bool
	Cleaned      []string
	Counts       *struct{ Seen, Converted, Missed uint64 }
}

// daemon is an allroadsd hook that runs.
type daemon struct {
	*program
	first line
}

// startDaemon starts allroadsd hook, and waits until it says that it is attached.
func startDaemon(t *testing.T, args ...string) *daemon {
	t.Helper()
	cmd := exec.Command(allroadsd(t), append([]string{"hook"}, args...)...)
	cmd.Stderr = os.Stderr
	in, out := pipes(t, cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := &daemon{program: &program{t, cmd, in, bufio.NewReader(out)}}
	t.Cleanup(d.end)
	d.first = d.read()
	if d.first.Hook != "attached" || d.first.Version != 1 || d.first.IPv6 == nil || !*d.first.IPv6 {
		t.Errorf("the first line is %+v", d.first)
	}
	return d
}

func (d *daemon) read() line {
	d.t.Helper()
	text := d.answer()
	var l line
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		d.t.Fatalf("allroadsd hook prints %q: %v", text, err)
	}
	return l
}

// wantEnd holds the last line and the exit code.
func (d *daemon) wantEnd(hook string, pinned bool, converted uint64) {
	d.t.Helper()
	last := d.read()
	if last.Hook != hook || last.Pinned != pinned || last.Counts == nil || last.Counts.Converted != converted {
		d.t.Errorf("the last line is %+v, with counts %+v; want %s and %d", last, last.Counts, hook, converted)
	}
	if err := d.cmd.Wait(); err != nil {
		d.t.Errorf("allroadsd hook: %v", err)
	}
}

// TestDaemonProbe: where the hook works, allroadsd hook --probe says so.
func TestDaemonProbe(t *testing.T) {
	requireHook(t)
	out, err := exec.Command(allroadsd(t), "hook", "--probe").CombinedOutput()
	if want := `{"hook":"works","version":1}` + "\n"; err != nil || string(out) != want {
		t.Errorf("allroadsd hook --probe prints %q, want %q: %v", out, want, err)
	}
	wantNoPrograms(t)
}

// TestDaemon: allroadsd hook works until its input ends, or a signal comes.
func TestDaemon(t *testing.T) {
	requireHook(t)
	ends := map[string]func(*daemon){
		"input":   func(d *daemon) { d.in.Close(); d.cmd.Stdin.(*os.File).Close() },
		"SIGTERM": func(d *daemon) { _ = d.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGINT":  func(d *daemon) { _ = d.cmd.Process.Signal(syscall.SIGINT) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			c := newCgroup(t, "daemon")
			d := startDaemon(t, "--cgroup", c.Path())
			p := start(t, c)
			p.wantTCP(isMPTCP, "attached")
			end(d)
			d.wantEnd("detached", false, 1)
			p.wantTCP(isTCP, "after allroadsd hook has ended")
		})
	}
}

// TestDaemonKilled: with --pin, programs go on getting MPTCP sockets when allroadsd is
// killed, and when it ends while they run; what is left is removed at the next start
// after them, and not before.
func TestDaemonKilled(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "killed")
	d := startDaemon(t, "--cgroup", c.Path(), "--pin")
	p := start(t, c)
	p.wantTCP(isMPTCP, "attached")
	d.end()
	p.wantTCP(isMPTCP, "after allroadsd was killed")
	cleanUp(t, "")
	p.wantTCP(isMPTCP, "after somebody cleaned up")

	again := startDaemon(t, "--cgroup", c.Path(), "--pin")
	wantPinned(t, 1)
	p.wantTCP(isMPTCP, "taken over by another")
	_ = again.cmd.Process.Signal(syscall.SIGTERM)
	again.wantEnd("left", true, 1)
	p.wantTCP(isMPTCP, "left to the program")

	p.end()
	if err := c.Close(); err != nil { // As if we had been killed as well.
		t.Fatal(err)
	}
	other := newCgroup(t, "other")
	last := startDaemon(t, "--cgroup", other.Path())
	if got := strings.Join(last.first.Cleaned, " "); !strings.Contains(got, c.Path()) {
		t.Errorf("the next start cleaned %q, not %s", got, c.Path())
	}
	if _, err := os.Stat(c.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("cgroup %s is still there: %v", c.Path(), err)
	}
	wantPinned(t, 0)
	last.end()
	wantNoPrograms(t)
}

// cleanUp has Clean free what it is wanted to.
func cleanUp(t *testing.T, want string) {
	t.Helper()
	freed, err := Clean(PinDir)
	if got := strings.Join(freed, " "); err != nil || got != want {
		t.Errorf("Clean freed %q, want %q: %v", got, want, err)
	}
}

func wantPinned(t *testing.T, want int) {
	t.Helper()
	entries, err := os.ReadDir(PinDir)
	if err != nil || len(entries) != want {
		t.Errorf("%d hooks are pinned, want %d: %v", len(entries), want, err)
	}
}

// wantNoPrograms waits until the kernel has none of our programs any more: it frees
// them a little after their last user.
func wantNoPrograms(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		n, err := countPrograms()
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d programs are left in the kernel", n)
		}
	}
}

// TestUnpin: a hook that was left to a program is taken away by name.
func TestUnpin(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "unpin")
	d := startDaemon(t, "--cgroup", c.Path(), "--pin")
	p := start(t, c)
	d.end()
	p.wantTCP(isMPTCP, "left to the program")
	if out, err := exec.Command(allroadsd(t), "hook", "--cgroup", c.Path(), "--unpin").CombinedOutput(); err != nil {
		t.Errorf("--unpin: %v: %s", err, out)
	}
	p.wantTCP(isTCP, "after --unpin")
	out, err := exec.Command(allroadsd(t), "hook", "--cgroup", c.Path(), "--unpin").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no hook is pinned") {
		t.Errorf("--unpin of nothing: %v: %s", err, out)
	}
}

// TestUnpinHeld: a hook that a process holds is unpinned, and said to be there still.
func TestUnpinHeld(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "unpinheld")
	startDaemon(t, "--cgroup", c.Path(), "--pin")
	if found, err := Unpin(PinDir, c.Path()); !found || !errors.Is(err, ErrHeld) {
		t.Errorf("Unpin of a hook that is held: %v, %v", found, err)
	}
	wantPinned(t, 0)
	start(t, c).wantTCP(isMPTCP, "held")
}

// TestPinElsewhere: outside of bpffs nothing is made.
func TestPinElsewhere(t *testing.T) {
	requireHook(t)
	h := hooked(t, newCgroup(t, "elsewhere"))
	dir := filepath.Join(t.TempDir(), "pins")
	if err := h.Pin(dir); err == nil || !strings.Contains(err.Error(), "mount -t bpf") {
		t.Errorf("Pin in %s: %v", dir, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, unix.ENOENT) {
		t.Errorf("%s was made: %v", dir, err)
	}
}

// TestDaemonOnce: as the command of a systemd unit before the program's own, with no
// input, allroadsd hook attaches and goes; the hook stays until the program has ended.
func TestDaemonOnce(t *testing.T) {
	requireHook(t)
	c := newCgroup(t, "once")
	p := start(t, c)
	out, err := exec.Command(allroadsd(t), "hook", "--cgroup", c.Path(), "--pin").Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(lines) != 2 || !strings.Contains(lines[0], `"hook":"attached"`) || !strings.Contains(lines[1], `"hook":"left"`) {
		t.Errorf("allroadsd hook --pin without input: %v: %s", err, out)
	}
	p.wantTCP(isMPTCP, "after allroadsd hook went")
	wantPinned(t, 1)
	cleanUp(t, "")
	p.end()
	cleanUp(t, "") // This test still holds the cgroup.
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	cleanUp(t, c.Path())
	if _, err := os.Stat(c.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("cgroup %s is still there: %v", c.Path(), err)
	}
	wantPinned(t, 0)
}
