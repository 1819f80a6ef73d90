package program

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// ErrNotProgram is wrapped by the error when a file is there, and nothing that can
// be started.
var ErrNotProgram = errors.New("not a program")

// Find returns the file that a word means on a command line: a path when there is a
// slash in it, else a name to be looked up in $PATH. The error is that of os/exec.
func Find(word string) (string, error) {
	if word == "." || word == ".." {
		return word, nil
	}
	path, err := exec.LookPath(word)
	if errors.Is(err, exec.ErrDot) {
		err = nil // It is looked at, not started.
	}
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("find program %q: not in $PATH: give its path", word)
	}
	if err != nil && filepath.Base(word) != word {
		return word, nil // What is wrong with it, Inspect says better.
	}
	return path, err
}

// open opens a regular file, and waits for nothing: a FIFO would have it wait for a
// writer.
func open(path string) (*os.File, os.FileInfo, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("inspect program: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("inspect program %s: %w: %s", path, ErrNotProgram, kindOf(info.Mode()))
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

func kindOf(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&os.ModeNamedPipe != 0:
		return "a pipe"
	case mode&os.ModeDevice != 0:
		return "a device"
	}
	return "no regular file"
}
