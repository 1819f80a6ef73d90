package supervisor_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/supervisor"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// TestIdentity tells namespaces from each other.
func TestIdentity(t *testing.T) {
	own := supervisor.Identity("/proc/self/ns/net")
	if own == "" || own != supervisor.Identity("/proc/thread-self/ns/net") {
		t.Errorf("this process's namespace is %q", own)
	}
	if user := supervisor.Identity("/proc/self/ns/user"); user == "" || user == own {
		t.Errorf("this process's user namespace is %q", user)
	}
	if none := supervisor.Identity("/proc/self/ns/none"); none != "" {
		t.Errorf("nothing is %q", none)
	}
	seen := map[string]bool{own: true}
	for range 20 { // The kernel gives numbers again at once.
		ns := netnstest.New(t)
		var id string
		must(t, ns.Do(func() error { id = supervisor.Identity("/proc/thread-self/ns/net"); return nil }))
		if seen[id] {
			t.Errorf("identity %s comes again", id)
		}
		seen[id] = true
		if strings.HasPrefix(id, "handle ") {
			ns.Close()
		}
	}
}

// TestKillIn kills all in a namespace, and nobody else.
func TestKillIn(t *testing.T) {
	here := exec.Command("sleep", "1000")
	must(t, here.Start())
	defer func() { _ = here.Process.Kill(); _ = here.Wait() }()
	ns := netnstest.New(t)
	var id string
	there := exec.Command("sh", "-c", "trap '' TERM HUP; sleep 1000 & sleep 1000")
	must(t, ns.Do(func() error {
		id = supervisor.Identity("/proc/thread-self/ns/net")
		return there.Start()
	}))
	supervisor.KillIn([]string{"", "handle 00"})
	for pid, lives := range map[*exec.Cmd]bool{here: true, there: true} {
		expectAlive(t, pid, lives)
	}
	supervisor.KillIn([]string{"", id})
	expectAlive(t, here, true)
	expectAlive(t, there, false)
	if err := there.Wait(); err == nil || err.Error() != "signal: killed" {
		t.Errorf("it ended with %v", err)
	}
}

// expectAlive looks for a namespace, which one that has ended has none of.
func expectAlive(t *testing.T, cmd *exec.Cmd, lives bool) {
	t.Helper()
	id := supervisor.Identity("/proc/" + itoa(cmd.Process.Pid) + "/ns/net")
	if (id != "") != lives {
		t.Errorf("%q: alive: %v, want %v", cmd.Args, id != "", lives)
	}
}

func TestParentOf(t *testing.T) {
	if got := supervisor.ParentOf(os.Getpid()); got != os.Getppid() {
		t.Errorf("parent %d, want %d", got, os.Getppid())
	}
	// A name that looks like the rest of the line.
	path := t.TempDir() + "/a) Z 1 (b"
	must(t, os.Symlink("/bin/sleep", path))
	odd := exec.Command(path, "1000")
	must(t, odd.Start())
	defer func() { _ = odd.Process.Kill(); _ = odd.Wait() }()
	if got := supervisor.ParentOf(odd.Process.Pid); got != os.Getpid() {
		t.Errorf("parent %d of a process with an odd name, want %d", got, os.Getpid())
	}
	if got := supervisor.ParentOf(1 << 30); got != 0 {
		t.Errorf("parent %d of no process", got)
	}
}
