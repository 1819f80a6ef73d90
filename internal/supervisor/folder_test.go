package supervisor_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allroads/internal/supervisor"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newFolder is one that is not there yet, with a path short enough for a socket.
func newFolder(t *testing.T) supervisor.Folder {
	t.Helper()
	dir, err := os.MkdirTemp("", "supervisor")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return supervisor.Folder(filepath.Join(dir, "labs"))
}

// TestListen: a name has one listener at a time, and is free after it.
func TestListen(t *testing.T) {
	f := newFolder(t)
	for range 2 {
		first, err := f.Listen("lab")
		must(t, err)
		if _, err := f.Listen("lab"); !errors.Is(err, supervisor.ErrTaken) {
			t.Errorf("a second listener: %v", err)
		}
		f.Leave("lab", first)
		if _, err := os.Stat(string(f)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the last one leaves the folder: %v", err)
		}
	}
}

// TestListenDead: a socket that nobody listens on any more takes no name.
func TestListenDead(t *testing.T) {
	f := newFolder(t)
	dead, err := f.Listen("lab")
	must(t, err)
	dead.Close()
	again, err := f.Listen("lab")
	must(t, err)
	defer f.Leave("lab", again)
	c, err := net.Dial("unix", again.Addr().String())
	must(t, err)
	c.Close()
}

// TestForget removes what is dead, and leaves what is not.
func TestForget(t *testing.T) {
	f := newFolder(t)
	dead, err := f.Listen("dead")
	must(t, err)
	must(t, f.Record("dead", "handle 00"))
	dead.Close()
	alive, err := f.Listen("alive")
	must(t, err)
	must(t, f.Record("alive", "handle 00"))
	must(t, f.Forget())
	entries, err := os.ReadDir(string(f))
	must(t, err)
	if len(entries) != 2 || entries[0].Name() != ".alive" || entries[1].Name() != "alive" {
		t.Errorf("left: %v", entries)
	}
	f.Leave("alive", alive)
	must(t, f.Forget()) // without a folder
}

// TestLocked has many come and go: one at a time, and none in a folder that has
// been removed.
func TestLocked(t *testing.T) {
	f := newFolder(t)
	var inside atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				err := f.Locked(func() error {
					defer inside.Add(-1)
					if n := inside.Add(1); n != 1 {
						t.Errorf("%d are inside", n)
					}
					return os.WriteFile(filepath.Join(string(f), "here"), nil, 0o600)
				})
				if err == nil {
					err = f.Locked(func() error {
						err := os.Remove(filepath.Join(string(f), "here"))
						if errors.Is(err, os.ErrNotExist) {
							return nil // Another one was quicker.
						}
						return err
					})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestListenMany has many want one name.
func TestListenMany(t *testing.T) {
	f := newFolder(t)
	var won atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			l, err := f.Listen("lab")
			if err == nil {
				won.Add(1)
				t.Cleanup(func() { f.Leave("lab", l) })
			} else if !errors.Is(err, supervisor.ErrTaken) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d have the name", won.Load())
	}
}

func TestListenBadFolders(t *testing.T) {
	open := newFolder(t)
	must(t, os.Mkdir(string(open), 0o777))
	must(t, os.Chmod(string(open), 0o750))
	file := newFolder(t)
	must(t, os.WriteFile(string(file), nil, 0o600))
	for f, want := range map[supervisor.Folder]string{
		open: "not one that only this user can use",
		file: "not one that only this user can use",
		supervisor.Folder(filepath.Join(string(newFolder(t)), strings.Repeat("x", 120))): "may have 107",
	} {
		began := time.Now()
		if _, err := f.Listen("lab"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q (after %v)", f, err, want, time.Since(began))
		}
	}
}
