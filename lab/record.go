package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// recordDir holds a file for each lab that has names under /run/netns. The file
// lists the names before they are made, a line each: the namespace's inode
// number and the name. It is locked while the lab's program lives, and ends in
// a line "kept" once the lab is meant to stay. So a file that is neither locked
// nor kept is a dead program's, and names what is to be cleaned up.
const (
	recordDir = "/run/allroads/labs"
	keptLine  = "kept\n"
)

type record struct {
	file  *os.File
	names []string
	kept  bool
}

func newRecord(id string) (*record, error) {
	if err := os.MkdirAll(recordDir, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(recordDir, id), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return &record{file: file}, nil
}

// publish names a namespace after writing down that it is going to.
func (r *record) publish(name string, ns *netns.NS) error {
	inode, err := ns.Inode()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(r.file, "%d %s\n", inode, name); err != nil {
		return err
	}
	if err := ns.Publish(name); err != nil {
		return err
	}
	r.names = append(r.names, name)
	return nil
}

// commit says that the names are meant to stay.
func (r *record) commit() error {
	_, err := r.file.WriteString(keptLine)
	r.kept = err == nil
	return err
}

// close takes the names away again unless they were committed.
func (r *record) close() {
	if !r.kept {
		for _, name := range r.names {
			_ = netns.Unpublish(name) // Clean tries again.
		}
		os.Remove(r.file.Name())
	}
	r.file.Close()
}

// Clean removes what programs that were killed have left: names of namespaces
// under /run/netns, the namespaces with them, and our records of both. Up calls
// it first.
func Clean() error {
	entries, err := os.ReadDir(recordDir)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return nil
	}
	errs := []error{err}
	for _, entry := range entries {
		errs = append(errs, cleanRecord(filepath.Join(recordDir, entry.Name())))
	}
	return errors.Join(errs...)
}

func cleanRecord(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil // Not ours to change, or just removed by another.
	}
	defer file.Close()
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil // Its program lives.
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines, kept := strings.CutSuffix(string(text), keptLine)
	left := 0
	for line := range strings.Lines(lines) {
		number, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		inode, err := strconv.ParseUint(number, 10, 64)
		switch {
		case err != nil || !netns.IsPublished(name, inode):
		case kept:
			left++
		default:
			if err := netns.Unpublish(name); err != nil {
				return err
			}
		}
	}
	if left > 0 {
		return nil
	}
	return os.Remove(path)
}
