package lab

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

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
	if linked, _ := lock(file, unix.LOCK_NB); !linked {
		return nil // Its program is at work, or another has cleaned up.
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	left, err := cleanNames(string(text))
	if err != nil || left {
		return err
	}
	return os.Remove(path)
}

// cleanNames removes the names in a record's text, or reports whether any is
// left of those that are meant to stay.
func cleanNames(text string) (left bool, err error) {
	kept := strings.HasSuffix("\n"+text, "\n"+keptLine)
	for line := range strings.Lines(text) {
		number, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		inode, err := strconv.ParseUint(number, 10, 64)
		switch {
		case err != nil || !netns.IsPublished(name, inode):
		case kept:
			left = true
		default:
			if err := netns.Unpublish(name); err != nil {
				return false, err
			}
		}
	}
	return left, nil
}
