package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// prefix is what the directories of cgroups that we made begin with.
const prefix = "allroads-"

// ErrBusy is wrapped by the error when a cgroup is to be removed, and processes are
// in it.
var ErrBusy = errors.New("cgroup has processes")

// Create makes a cgroup allroads-NAME below that of this process, without
// controllers, so that it needs no more than the right to make a directory there:
// root's, or that of a user to whom systemd delegated the tree (Delegate= in
// systemd.resource-control(5)). One of that name that is empty and not held is
// taken.
func Create(name string) (*Cgroup, error) {
	if name == "" || strings.ContainsAny(name, "/\n") || len(prefix+name) > 255 {
		return nil, fmt.Errorf("make cgroup %q: not a name of 1 to %d letters without slash", name, 255-len(prefix))
	}
	parent, err := Own()
	if err != nil {
		return nil, fmt.Errorf("make cgroup %s: %w", name, err)
	}
	path := filepath.Join(parent, prefix+name)
	for {
		c, err := create(path)
		if !errors.Is(err, errSwept) {
			return c, err
		}
	}
}

// errSwept: somebody who cleans up took it for left behind, before it was locked.
var errSwept = errors.New("cgroup was removed meanwhile")

func create(path string) (*Cgroup, error) {
	if err := os.Mkdir(path, 0o755); errors.Is(err, os.ErrExist) {
		if removed, err := sweep(path); err != nil || !removed {
			return nil, fmt.Errorf("make cgroup %s: somebody has it already", path)
		}
		return nil, errSwept
	} else if err != nil {
		return nil, fmt.Errorf("make cgroup: %w: run it as root, or where systemd delegated a cgroup to you", err)
	}
	c, err := Open(path)
	if err != nil {
		if isGone(err) {
			return nil, errSwept
		}
		return nil, errors.Join(err, os.Remove(path))
	}
	var held, there unix.Stat_t
	if err := unix.Fstat(c.Fd(), &held); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err := unix.Stat(path, &there); err != nil || there.Ino != held.Ino {
		c.Close()
		return nil, errSwept
	}
	return c, nil
}

// Remove removes the cgroup with the empty ones below, if nobody is in it, and
// closes it. With ErrBusy, it stays open. One that Create did not make is refused.
func (c *Cgroup) Remove() error {
	if !Ours(c.path) {
		return fmt.Errorf("remove cgroup %s: it was not made by allroads", c.path)
	}
	if err := remove(c.path); err != nil {
		return err
	}
	return c.Close()
}

// Ours reports whether a directory has a name as Create gives them.
func Ours(path string) bool { return strings.HasPrefix(filepath.Base(path), prefix) }

// remove removes a tree, the lowest first: a cgroup with others below stays.
func remove(path string) error {
	if idle, err := empty(path); err != nil || !idle {
		return errors.Join(err, fmt.Errorf("remove cgroup %s: %w", path, ErrBusy))
	}
	entries, err := os.ReadDir(path)
	if isGone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove cgroup: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := remove(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	err = unix.Rmdir(path)
	if err == unix.EBUSY {
		return fmt.Errorf("remove cgroup %s: %w", path, ErrBusy)
	}
	if err != nil && !isGone(err) {
		return &os.PathError{Op: "remove cgroup", Path: path, Err: err}
	}
	return nil
}
