package extract

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Output is a file that is written under another name, beside its own, and has its own
// once it is whole. Devices and pipes are written as they are.
type Output struct {
	*os.File
	path      string // "": it has its name
	overwrite bool
}

// Create opens an output; "-" is standard output. A file that exists is an error that
// wraps fs.ErrExist, unless it may be replaced.
func Create(path string, overwrite bool) (*Output, error) {
	if path == "-" {
		return &Output{File: os.Stdout}, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, &fs.PathError{Op: "create", Path: path, Err: syscall.EISDIR}
	case !info.Mode().IsRegular():
		return openSpecial(path)
	case !overwrite:
		return nil, existing(path)
	default: // Where a link leads to is replaced, not the link.
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".")
	if err != nil {
		return nil, err
	}
	return &Output{file, path, overwrite}, file.Chmod(modeOf(info))
}

func existing(path string) error {
	return fmt.Errorf("%s: %w: --overwrite replaces it", path, fs.ErrExist)
}

// modeOf is the mode of a file that is replaced, or what a new one usually gets.
func modeOf(old fs.FileInfo) fs.FileMode {
	if old != nil {
		return old.Mode().Perm()
	}
	mask := unix.Umask(0o077)
	unix.Umask(mask)
	return 0o666 &^ fs.FileMode(mask)
}

// openSpecial opens a device, or a pipe, which somebody has to read.
func openSpecial(path string) (*Output, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, fmt.Errorf("%w (a pipe that nobody reads)", err)
	}
	if err != nil {
		return nil, err
	}
	return &Output{File: file}, nil
}

// Commit closes a whole file and gives it its name.
func (o *Output) Commit() error {
	if o.File == os.Stdout {
		return nil
	}
	if err := o.Close(); err != nil || o.path == "" {
		return err
	}
	if err := o.rename(); err != nil {
		os.Remove(o.Name())
		return err
	}
	return nil
}

func (o *Output) rename() error {
	if o.overwrite {
		return os.Rename(o.Name(), o.path)
	}
	err := unix.Renameat2(unix.AT_FDCWD, o.Name(), unix.AT_FDCWD, o.path, unix.RENAME_NOREPLACE)
	switch {
	case errors.Is(err, unix.EEXIST):
		return existing(o.path)
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS): // a file system without that
		if _, err := os.Lstat(o.path); err == nil {
			return existing(o.path)
		}
		return os.Rename(o.Name(), o.path)
	case err != nil:
		return &os.LinkError{Op: "rename", Old: o.Name(), New: o.path, Err: err}
	}
	return nil
}

// Abort closes a file that is not whole, and removes it.
func (o *Output) Abort() {
	if o.File == os.Stdout {
		return
	}
	o.Close()
	if o.path != "" {
		os.Remove(o.Name())
	}
}
