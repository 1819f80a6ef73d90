package hook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"allroads/internal/hook/cgroup"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// PinDir is where hooks are pinned unless another directory is wanted.
const PinDir = "/sys/fs/bpf/allroads"

// Files of a pinned hook, in a directory called by the number of its cgroup.
const (
	pinPath  = "path" // a map with the directory of the cgroup in it
	pathSize = 4096   // PATH_MAX
)

// pinLink is the file of a copy's link.
func pinLink(i int) string { return fmt.Sprint("link", i) }

// Pin keeps the hook attached when this process ends, in whatever way, until Unpin,
// or Clean when the cgroup is empty. dir is a directory of bpffs, and made if it is
// missing. Hooks that are pinned for the same cgroup are replaced: they work until
// this one is in their place.
func (h *Hook) Pin(dir string) error {
	id, err := h.cgroup.ID()
	if err != nil {
		return err
	}
	info, err := h.links[0].Info()
	if err != nil {
		return fmt.Errorf("pin the hook: %w", err)
	}
	place := filepath.Join(dir, fmt.Sprintf("%016x-%x", id, info.ID))
	return locked(dir, func() error {
		if err := h.pinTo(place); err != nil {
			return fmt.Errorf("pin the hook: %w", errors.Join(err, unpin(place)))
		}
		h.pinned = place
		return unpinOthers(dir, id, place)
	})
}

// unpinOthers removes the hooks of a cgroup but one.
func unpinOthers(dir string, id uint64, but string) error {
	places, err := placesOf(dir, id)
	for _, place := range places {
		if place != but {
			err = errors.Join(err, unpin(place))
		}
	}
	return err
}

// placesOf are the directories of the hooks that are pinned for a cgroup.
func placesOf(dir string, id uint64) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for hooks in %s: %w", dir, err)
	}
	var places []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), fmt.Sprintf("%016x-", id)) {
			places = append(places, filepath.Join(dir, e.Name()))
		}
	}
	return places, nil
}

func (h *Hook) pinTo(place string) error {
	if err := os.Mkdir(place, 0o700); err != nil {
		return err
	}
	path, err := ebpf.NewMap(&ebpf.MapSpec{Name: "allroads_path", Type: ebpf.Array, KeySize: 4, ValueSize: pathSize, MaxEntries: 1})
	if err != nil {
		return err
	}
	defer path.Close()
	value := make([]byte, pathSize)
	copy(value, h.cgroup.Path())
	if err := path.Put(uint32(0), value); err != nil {
		return err
	}
	if err := path.Pin(filepath.Join(place, pinPath)); err != nil {
		return err
	}
	for i, l := range h.links {
		if err := l.Pin(filepath.Join(place, pinLink(i))); err != nil {
			return err
		}
	}
	return nil
}

// Unpin removes the files that Pin made. The hook stays attached until Close.
func (h *Hook) Unpin() error {
	if h.pinned == "" {
		return nil
	}
	err := locked(filepath.Dir(h.pinned), func() error { return unpin(h.pinned) })
	if err == nil {
		h.pinned = ""
	}
	return err
}

// Unpin removes the files of whoever pinned hooks for a cgroup, and returns when they
// are detached. It reports whether there were any. The error is ErrHeld if a process
// holds one.
func Unpin(dir, cgroupPath string) (found bool, err error) {
	c, err := cgroup.Open(cgroupPath)
	if err != nil {
		return false, err
	}
	defer c.Close()
	id, err := c.ID()
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	var programs []ebpf.ProgramID
	err = locked(dir, func() error {
		places, err := placesOf(dir, id)
		found = len(places) > 0
		for _, place := range places {
			programs = append(programs, pinnedPrograms(place)...)
		}
		return errors.Join(err, unpinOthers(dir, id, ""))
	})
	if err != nil {
		return found, err
	}
	return found, awaitDetached(programs)
}

// unpin removes the files of one hook, those there are.
func unpin(place string) error {
	paths := []string{filepath.Join(place, pinPath), place}
	for i := range copies {
		paths = append([]string{filepath.Join(place, pinLink(i))}, paths...)
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("unpin a hook: %w", err)
		}
	}
	return nil
}

// locked calls fn while no other process pins or cleans, in a directory of bpffs
// that is made if it is missing.
func locked(dir string, fn func() error) error {
	parent := filepath.Dir(filepath.Clean(dir))
	var about unix.Statfs_t
	if err := unix.Statfs(parent, &about); err != nil {
		return &os.PathError{Op: "statfs", Path: parent, Err: err}
	}
	if uint32(about.Type) != unix.BPF_FS_MAGIC {
		return fmt.Errorf("pin hooks in %s: %w: %s is not in a bpf filesystem: mount -t bpf bpf /sys/fs/bpf", dir, ErrNotSupported, parent)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a directory to pin hooks in: %w", err)
	}
	file, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("lock %s: %w", dir, err)
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", dir, err)
	}
	return fn()
}

// pathOf reads which cgroup a pinned hook is for.
func pathOf(place string) (string, error) {
	m, err := ebpf.LoadPinnedMap(filepath.Join(place, pinPath), nil)
	if err != nil {
		return "", fmt.Errorf("read whose hook %s is: %w", place, err)
	}
	defer m.Close()
	value := make([]byte, pathSize)
	if err := m.Lookup(uint32(0), &value); err != nil {
		return "", fmt.Errorf("read whose hook %s is: %w", place, err)
	}
	path, _, _ := strings.Cut(string(value), "\x00")
	return path, nil
}
