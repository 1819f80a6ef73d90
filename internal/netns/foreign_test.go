package netns_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

func create(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o444); err != nil {
		t.Fatal(err)
	}
}

// TestInterruptedPublish starts from what a process leaves that is killed
// between making the file and mounting the namespace on it.
func TestInterruptedPublish(t *testing.T) {
	if !isolated(t) {
		return
	}
	create(t, filepath.Join(netns.NameDir, "half"), "")
	if !netns.IsPublished("half", 4026531840) {
		t.Error("an empty file is not recognised as an interrupted Publish")
	}
	unpublish(t, "half")
	ns := netnstest.New(t)
	publish(t, ns, "half")
	unpublish(t, "half")
}

// TestForeignNames are files that Publish cannot have made.
func TestForeignNames(t *testing.T) {
	if !isolated(t) {
		return
	}
	ns := netnstest.New(t)
	path := func(name string) string { return filepath.Join(netns.NameDir, name) }
	create(t, path("content"), "somebody's")
	if err := os.Mkdir(path("directory"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(fmt.Sprintf("/proc/self/fd/%d", ns.Fd()), path("link")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"content", "directory", "link", "none"} {
		var status unix.Stat_t
		_ = unix.Stat(path(name), &status)
		for _, number := range []uint64{status.Ino, inode(t, ns), 0} {
			if netns.IsPublished(name, number) {
				t.Errorf("IsPublished(%q, %d)", name, number)
			}
		}
	}
}

// TestUnpublishDoesNotFollowLinks: what a symbolic link leads to is not ours to
// unmount.
func TestUnpublishDoesNotFollowLinks(t *testing.T) {
	if !isolated(t) {
		return
	}
	create(t, "/run/mounted/below", "")
	if err := unix.Mount("none", "/run/mounted", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	create(t, "/run/mounted/above", "")
	if err := os.Mkdir(netns.NameDir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/run/mounted", filepath.Join(netns.NameDir, "link")); err != nil {
		t.Fatal(err)
	}
	unpublish(t, "link")
	if _, err := os.Stat("/run/mounted/above"); err != nil {
		t.Errorf("Unpublish of a symbolic link unmounted what it leads to: %v", err)
	}
}
