package api

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	must(t, err)
	return info.Mode()
}

// TestListenMode: whatever the umask is, only the owner has the socket, or the group, too.
func TestListenMode(t *testing.T) {
	for _, mask := range []int{0, 0o777} {
		path := filepath.Join(folder(t), "deep", "er", "s")
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		before := syscall.Umask(mask)
		l, err := Listen(path, "no-such-group")
		syscall.Umask(before)
		must(t, err)
		if m := mode(t, path); m != fs.ModeSocket|0o600 || !strings.Contains(l.note, "no group no-such-group") {
			t.Errorf("mode %v, note %q", m, l.note)
		}
		must(t, l.Close())
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

func TestListenGroup(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a socket is given to a group by root")
	}
	path := filepath.Join(folder(t), "s")
	l, err := Listen(path, "daemon")
	must(t, err)
	defer l.Close()
	info, err := os.Lstat(path)
	must(t, err)
	if stat := info.Sys().(*syscall.Stat_t); info.Mode() != fs.ModeSocket|0o660 || stat.Uid != 0 || int(stat.Gid) != l.gid || l.gid <= 0 {
		t.Errorf("mode %v, owner %d:%d, want 0:%d", info.Mode(), stat.Uid, stat.Gid, l.gid)
	}
}

// TestListenStale: there is a socket at each moment while a dead one is replaced.
func TestListenStale(t *testing.T) {
	path := filepath.Join(folder(t), "s")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	must(t, err)
	dead.SetUnlinkOnClose(false)
	must(t, dead.Close())
	var over atomic.Bool
	var looker sync.WaitGroup
	looker.Go(func() {
		for !over.Load() {
			if _, err := os.Lstat(path); err != nil {
				t.Errorf("while it is replaced: %v", err)
				return
			}
		}
	})
	for range 50 {
		l, err := Listen(path, "")
		if err != nil {
			t.Error(err)
			break
		}
		_ = l.UnixListener.Close() // as a killed process does
	}
	over.Store(true)
	looker.Wait()
}

func TestListenTaken(t *testing.T) {
	path := filepath.Join(folder(t), "s")
	l, err := Listen(path, "")
	must(t, err)
	if _, err := Listen(path, ""); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second one: %v", err)
	}
	must(t, os.Remove(path))
	other, err := Listen(path, "")
	must(t, err)
	must(t, l.Close()) // Its name is another's by now.
	if mode(t, path).Type() != fs.ModeSocket {
		t.Error("closing one has removed another")
	}
	must(t, other.Close())
	must(t, os.WriteFile(path, []byte("precious"), 0o600))
	if _, err := Listen(path, ""); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("in the place of a file: %v", err)
	}
	if _, err := Listen(filepath.Join(t.TempDir(), strings.Repeat("x", 100)), ""); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("too long: %v", err)
	}
}

// TestListenRace: of many that find a dead socket one gets the name.
func TestListenRace(t *testing.T) {
	path := filepath.Join(folder(t), "s")
	dead, err := Listen(path, "")
	must(t, err)
	must(t, dead.UnixListener.Close())
	var won atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			l, err := Listen(path, "")
			if err == nil {
				won.Add(1)
				t.Cleanup(func() { l.Close() })
			} else if !errors.Is(err, ErrTaken) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d listen", won.Load())
	}
}
