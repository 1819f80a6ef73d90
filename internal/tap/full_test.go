package tap_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/capture"
	"allroads/internal/netns/netnstest"
	"allroads/internal/tap"

	"golang.org/x/sys/unix"
)

// smallDisk is a file system of so many bytes that nobody else sees: the path leads
// through an open file.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	dir, opened := t.TempDir(), make(chan *os.File, 1)
	go func() {
		runtime.LockOSThread() // and never unlock it: the thread is thrown away
		err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS)
		if err == nil {
			err = unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, "")
		}
		if err == nil {
			err = unix.Mount("small", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes))
		}
		var f *os.File
		if err == nil {
			f, err = os.Open(dir)
		}
		if err != nil {
			t.Logf("mount: %v", err)
		}
		opened <- f
	}()
	f := <-opened
	if f == nil {
		netnstest.Missing(t, "a file system of one's own")
	}
	t.Cleanup(func() { f.Close() })
	return fmt.Sprintf("/proc/self/fd/%d", f.Fd())
}

// TestFullDisk: what fits is there, and is a whole capture.
func TestFullDisk(t *testing.T) {
	for _, rotate := range []int64{0, 100_000} {
		a, b := pair(t, 2)
		dir := smallDisk(t, 256<<10)
		tapped, _ := open(t, tap.Options{Namespace: b, Interfaces: []string{"b0", "b1"}, Bulk: true})
		r, err := tap.NewRecorder(tapped, tap.Files{Path: filepath.Join(dir, "out.pcapng"), Size: rotate})
		must(t, err)
		sent := traffic(t, a, b, 1000)
		err = r.Record(sent)
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("Record: %v", err)
		}
		if err := r.Close(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Close: %v", err)
		}
		paths, _ := filepath.Glob(filepath.Join(dir, "*"))
		var size int64
		count := 0
		for _, path := range paths {
			count += countAll(t, path)
			info, err := os.Stat(path)
			must(t, err)
			size += info.Size()
		}
		p := r.Progress()
		if count < 400 || uint64(count) != p.Packets || size < 250<<10 || uint64(len(paths)) != p.Files {
			t.Errorf("%d packets of %d bytes in %d files, %+v", count, size, len(paths), p)
		}
		if rotate > 0 != (len(paths) > 1) {
			t.Errorf("%d files", len(paths))
		}
	}
}

// TestNoRoom leaves no file that is none.
func TestNoRoom(t *testing.T) {
	dir := smallDisk(t, 4096)
	must(t, os.WriteFile(filepath.Join(dir, "other"), make([]byte, 4096), 0o600))
	tapped, _ := open(t, tap.Options{Namespace: quiet(t), Interfaces: []string{"lo"}})
	path := filepath.Join(dir, "out.pcapng")
	r, err := tap.NewRecorder(tapped, tap.Files{Path: path})
	if err == nil {
		err = r.Close()
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: %v", path, err)
	}
}

func countAll(t testing.TB, path string) (n int) {
	t.Helper()
	f, err := capture.OpenFile(path)
	must(t, err)
	defer f.Close()
	var p capture.Packet
	for {
		err := f.Read(&p)
		if err == io.EOF {
			return n
		}
		must(t, err)
		n++
	}
}

// TestFullDevice is not cut off, as a file is.
func TestFullDevice(t *testing.T) {
	a, b := pair(t, 1)
	tapped, _ := open(t, tap.Options{Namespace: b, Interfaces: []string{"b0"}})
	r, err := tap.NewRecorder(tapped, tap.Files{Path: "/dev/full"})
	must(t, err)
	sink(t, b, "10.0.0.2:7000")
	send(t, sender(t, a, "10.0.0.2:7000"), 0, 10, 100)
	if err := r.Record(10); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Record: %v", err)
	}
	if err := r.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Close: %v", err)
	}
	if p := r.Progress(); p.Packets != 0 {
		t.Errorf("%+v", p)
	}
}
