package cgroup

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Cgroup is a cgroup that is held open and locked, until Close.
type Cgroup struct {
	path string
	file *os.File
}

// Open opens an existing cgroup by its directory. It may be another's: it is never
// removed.
func Open(path string) (*Cgroup, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open cgroup: %w", err)
	}
	if err := isCgroup2(path); err != nil {
		return nil, fmt.Errorf("open cgroup: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open cgroup: %w", err)
	}
	// Whoever cleans up holds the other lock for a moment only.
	if err := unix.Flock(int(file.Fd()), unix.LOCK_SH); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock cgroup %s: %w", path, err)
	}
	return &Cgroup{path: path, file: file}, nil
}

// isCgroup2 tells whether a path is a directory of the unified hierarchy.
func isCgroup2(path string) error {
	var about unix.Statfs_t
	if err := unix.Statfs(path, &about); err != nil {
		return &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	if about.Type != unix.CGROUP2_SUPER_MAGIC {
		return fmt.Errorf("%s is not in a hierarchy of cgroup version 2", path)
	}
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory of a cgroup", path)
	}
	return err // Its directory may be gone in between.
}

// Path is the cgroup's directory.
func (c *Cgroup) Path() string { return c.path }

// Fd is for syscall.SysProcAttr.CgroupFD, with UseCgroupFD (Linux 5.7): the program
// begins in the cgroup.
func (c *Cgroup) Fd() int { return int(c.file.Fd()) }

// ID is the number that the kernel knows the cgroup by, as in
// bpf_get_current_cgroup_id.
func (c *Cgroup) ID() (uint64, error) {
	handle, _, err := unix.NameToHandleAt(c.Fd(), "", unix.AT_EMPTY_PATH)
	if err != nil {
		return 0, fmt.Errorf("read the number of cgroup %s: %w", c.path, os.NewSyscallError("name_to_handle_at", err))
	}
	if len(handle.Bytes()) != 8 {
		return 0, fmt.Errorf("read the number of cgroup %s: %d bytes", c.path, len(handle.Bytes()))
	}
	return binary.NativeEndian.Uint64(handle.Bytes()), nil
}

// Empty reports whether no process is in the cgroup or below it. One that is gone
// is empty, too. The root cgroup never is.
func (c *Cgroup) Empty() (bool, error) { return empty(c.path) }

func empty(path string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(path, "cgroup.events"))
	switch {
	case isGone(err) && isCgroup2(path) == nil:
		return false, nil // The root has no such file.
	case isGone(err):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("ask whether cgroup %s is empty: %w", path, err)
	}
	return strings.Contains(string(text), "populated 0\n"), nil
}

// isGone: files of a cgroup that was removed answer ENODEV to who has them open.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV)
}

// Processes are the ids of those in the cgroup and below, as far as this process's
// PID namespace has them.
func (c *Cgroup) Processes() ([]int, error) {
	var pids []int
	err := filepath.WalkDir(c.path, func(path string, entry fs.DirEntry, err error) error {
		if isGone(err) {
			return nil
		}
		if err != nil || !entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if isGone(err) || errors.Is(err, unix.EOPNOTSUPP) { // EOPNOTSUPP: of threads
			return nil
		}
		for _, word := range strings.Fields(string(text)) {
			if pid, _ := strconv.Atoi(word); pid > 0 {
				pids = append(pids, pid)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the processes of cgroup %s: %w", c.path, err)
	}
	return pids, nil
}

// Close gives the cgroup up, and leaves it as it is.
func (c *Cgroup) Close() error { return c.file.Close() }
