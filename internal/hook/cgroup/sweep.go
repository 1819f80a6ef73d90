package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Sweep removes cgroups below this process's own that killed processes have left:
// made by Create, empty, and held by nobody. It returns their directories.
func Sweep() ([]string, error) {
	parent, err := Own()
	if err != nil {
		return nil, err
	}
	found, err := filepath.Glob(filepath.Join(globbed(parent), prefix+"*"))
	if err != nil {
		return nil, fmt.Errorf("find cgroups in %s: %w", parent, err)
	}
	var removed []string
	var failed []error
	for _, path := range found {
		gone, err := sweep(path)
		if gone {
			removed = append(removed, path)
		}
		failed = append(failed, err)
	}
	return removed, errors.Join(failed...)
}

// globbed keeps filepath.Glob from reading a path as a pattern.
func globbed(path string) string {
	var b []byte
	for _, c := range []byte(path) {
		if c == '*' || c == '?' || c == '[' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return string(b)
}

// Held reports whether a process holds the cgroup, by Open or Create. One that is
// gone is not held.
func Held(path string) (bool, error) {
	held := true
	err := exclusively(path, func() error { held = false; return nil })
	if isGone(err) {
		return false, nil
	}
	return held, err
}

// sweep removes a cgroup that nobody holds or uses, and reports whether it did.
func sweep(path string) (removed bool, err error) {
	err = exclusively(path, func() error {
		err := remove(path)
		removed = err == nil
		return err
	})
	if errors.Is(err, ErrBusy) || isGone(err) {
		return removed, nil
	}
	return removed, err
}

// exclusively calls fn while nobody else can hold the cgroup, or not at all.
func exclusively(path string, fn func() error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return nil
	}
	if err != nil {
		return fmt.Errorf("lock cgroup %s: %w", path, err)
	}
	return fn()
}
