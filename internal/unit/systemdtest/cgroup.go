package systemdtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// ownCgroup makes a cgroup of version 2, which is removed at the end.
func ownCgroup(t *testing.T) *os.File {
	t.Helper()
	parent := "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(parent, "cgroup.procs")); err != nil {
		parent = "/sys/fs/cgroup/unified" // beside version 1
	}
	path, err := os.MkdirTemp(parent, "allroads-test-")
	if err != nil {
		netnstest.Missing(t, "a cgroup of its own: "+err.Error())
	}
	t.Cleanup(func() { removeAll(t, path) })
	group, err := os.OpenFile(path, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { group.Close() })
	return group
}

// removeAll removes a cgroup and those below it, which takes until their processes are gone.
func removeAll(t *testing.T, path string) {
	t.Helper()
	for range 200 {
		removeGroups(path)
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("cgroup %s cannot be removed", path)
}

func removeGroups(path string) {
	entries, _ := os.ReadDir(path)
	for _, entry := range entries {
		if entry.IsDir() {
			removeGroups(filepath.Join(path, entry.Name()))
		}
	}
	_ = unix.Rmdir(path)
}
