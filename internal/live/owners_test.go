package live

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// TestOwners has two processes with one listener, one of them twice.
func TestOwners(t *testing.T) {
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link set lo up")
	var listener *mptcp.Listener
	if err := ns.Do(func() (err error) {
		listener, err = mptcp.Listen(context.Background(), netip.MustParseAddrPort("127.0.0.1:0"))
		return err
	}); err != nil {
		netnstest.Missing(t, err.Error())
	}
	defer listener.Close()
	file := again(t, listener)
	other := exec.Command("sleep", "1000")
	other.ExtraFiles = []*os.File{file}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	w, err := Open(t.Context(), []Space{{NS: ns}}, Options{Filter: sockdiag.Filter{Listeners: sockdiag.OnlyListeners}, Owners: true})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s, err := w.Look(t.Context())
	if err != nil || len(s.Connections) != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	own, _ := os.ReadFile("/proc/self/comm")
	want := []Owner{{os.Getpid(), strings.TrimSpace(string(own))}, {other.Process.Pid, "sleep"}}
	if c := s.Connections[0]; !c.OwnersKnown || !slices.Equal(c.Owners, want) {
		t.Errorf("owners %v, %v, want %v", c.Owners, c.OwnersKnown, want)
	}
}

// again is a socket's second descriptor.
func again(t *testing.T, socket syscall.Conn) (file *os.File) {
	t.Helper()
	raw, err := socket.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) {
		if second, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			file = os.NewFile(uintptr(second), "socket")
		}
	}); err != nil || file == nil {
		t.Fatalf("duplicate a descriptor: %v", err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// TestOwnersUnknown: who has a socket that nobody is seen to have is not known;
// without an inode nobody has. /proc is not read for it again and again.
func TestOwnersUnknown(t *testing.T) {
	with, without := made(1), made(2)
	with.Inode = 1 << 60
	w := watcherOf(t, Options{Owners: true}, &scripted{connections: state{with, without}})
	for range 2 {
		s, err := w.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if a, b := s.Connections[0], s.Connections[1]; a.OwnersKnown || !b.OwnersKnown || len(a.Owners)+len(b.Owners) > 0 {
			t.Errorf("owners %v of a socket somewhere, %v of one nowhere", a.Owners, b.Owners)
		}
	}
	if w.owners.misses(Connection{Connection: *with}) {
		t.Error("an owner that was looked for is looked for again at once")
	}
	if !w.owners.misses(Connection{Connection: sockdiag.Connection{Inode: 1 << 61}}) {
		t.Error("the owner of a new socket is not looked for")
	}
}

func TestCgroupRoot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mountinfo")
	text := "30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n" +
		"31 30 0:27 / /sys/fs/cgroup/cpu rw shared:5 - cgroup cgroup rw,cpu\n" +
		"41 30 0:37 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := cgroupRoot(file); got != "/sys/fs/cgroup/unified" {
		t.Errorf("root %q", got)
	}
	if got := cgroupRoot("/none"); got != "" {
		t.Errorf("root %q of nothing", got)
	}
}

// TestCgroup finds a directory of the file system by its inode.
func TestCgroup(t *testing.T) {
	root := cgroupRoot("/proc/self/mountinfo")
	if root == "" {
		t.Skip("no cgroups of version 2 are mounted")
	}
	var status unix.Stat_t
	if err := unix.Stat(root, &status); err != nil {
		t.Fatal(err)
	}
	var c cgroups
	if got := c.path(status.Ino); got != "/" {
		t.Errorf("the root is at %q", got)
	}
	if got := c.path(1 << 60); got != "" {
		t.Errorf("nothing is at %q", got)
	}
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != root && unix.Stat(path, &status) == nil {
			if got := c.path(status.Ino); got != path[len(root):] {
				t.Errorf("%s is at %q", path, got)
			}
			return filepath.SkipAll
		}
		return nil
	})
}
