package unit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listing is all that is in a directory.
func listing(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			b.WriteString(info.Mode().String() + " " + path)
		}
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(path)
			b.WriteString(" " + string(text))
			return err
		}
		b.WriteString("\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRemove: when all that was enabled is disabled, everything is as it was before.
func TestRemove(t *testing.T) {
	root := newRoot(t)
	if err := os.Mkdir(filepath.Join(root, "etc/systemd/system/web.service.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := listing(t, root)
	for _, name := range services {
		u := load(t, root, name)
		d := install(t, u, Notify, "/usr/bin/allroads")
		if info, err := os.Stat(filepath.Join(root, d.Path)); err != nil || info.Mode() != 0o644 {
			t.Errorf("%v %v", info, err)
		}
		if changed, err := u.tree.Install(d, false); changed || err != nil {
			t.Errorf("the same again: %v %v", changed, err)
		}
		again, err := load(t, root, name).DropIn(Notify, "/opt/all roads/allroads")
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := u.tree.Install(again, false); !changed || err != nil {
			t.Errorf("another: %v %v", changed, err)
		}
	}
	if during := listing(t, root); strings.Count(during, "Made by") != len(services) {
		t.Fatalf("not all are enabled:\n%s", during)
	}
	for _, name := range services {
		if _, err := System(root).Remove(Name(name), false); err != nil {
			t.Error(err)
		}
	}
	if after := listing(t, root); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	if _, err := System(root).Remove("web.service", true); !errors.Is(err, ErrNotEnabled) {
		t.Error(err)
	}
}

// TestEdited: what somebody has changed is neither replaced nor removed unasked.
func TestEdited(t *testing.T) {
	root := newRoot(t)
	u := load(t, root, "web.service")
	d := install(t, u, Notify, "/usr/bin/allroads")
	path := filepath.Join(root, d.Path)
	for _, c := range []struct {
		text string
		want error
	}{
		{strings.Replace(d.Text(), "notify", "notifi", 1), ErrEdited},
		{d.Text() + "Environment=X=y\n", ErrEdited},
		{strings.TrimSuffix(d.Text(), "\n"), ErrEdited},
		{"[Service]\nNice=1\n", ErrForeign},
		{"", ErrForeign},
	} {
		write(t, path, c.text, 0o644)
		before := listing(t, root)
		if _, err := u.tree.Install(d, false); !errors.Is(err, c.want) {
			t.Errorf("install: %v, want %v", err, c.want)
		}
		if _, err := u.tree.Remove(u.Name, false); !errors.Is(err, c.want) {
			t.Errorf("remove: %v, want %v", err, c.want)
		}
		if listing(t, root) != before {
			t.Error("something was changed")
		}
	}
	if changed, err := u.tree.Install(d, true); !changed || err != nil {
		t.Errorf("by force: %v %v", changed, err)
	}
	write(t, path, "x", 0o644)
	if _, err := u.tree.Remove(u.Name, true); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// TestFailureLeavesNothing: what cannot be written leaves no trace.
func TestFailureLeavesNothing(t *testing.T) {
	root := newRoot(t)
	u := load(t, root, "web.service")
	d, err := u.DropIn(Notify, "/usr/bin/allroads")
	if err != nil {
		t.Fatal(err)
	}
	// A folder in the place of the file: even root cannot rename over it.
	if err := os.MkdirAll(filepath.Join(root, d.Path, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	before := listing(t, root)
	if err := writeFile(filepath.Join(root, filepath.Dir(d.Path)), DropInName, "text"); err == nil {
		t.Error("a folder was replaced")
	}
	if _, err := u.tree.Install(d, true); err == nil {
		t.Error("a folder was replaced")
	}
	if after := listing(t, root); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	// Folders that were made before something failed go again.
	long := filepath.Join(root, "etc/new/folder")
	if err := writeFile(long, strings.Repeat("x", 300), "text"); err == nil {
		t.Error("a name of 300 bytes was possible")
	}
	if after := listing(t, root); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// TestChase: no link leads out of the root directory.
func TestChase(t *testing.T) {
	root := t.TempDir()
	for link, target := range map[string]string{"up": "../../../../etc", "abs": "/etc", "loop": "loop", "a/b": "../abs/x", "lib": "usr/lib"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, link)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"/up/passwd": "/etc/passwd", "/abs/passwd": "/etc/passwd", "/a/b/c": "/etc/x/c", "/lib/x/../y": "/usr/lib/y",
		"/nothing/here": "/nothing/here", "../..": "/", "": "/",
	} {
		if got, err := chase(root, path); got != want || err != nil {
			t.Errorf("%s: %s %v, want %s", path, got, err, want)
		}
	}
	if _, err := chase(root, "/loop"); err == nil {
		t.Error("a loop was followed")
	}
}
