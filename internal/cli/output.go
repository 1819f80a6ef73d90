package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// output is a file that a command will write. It is opened early, so that a
// path that cannot be written is found before any work is done, but what it
// held before goes only when there is something new.
type output struct {
	file    *os.File
	created bool
	started bool
}

func createOutput(path string) (*output, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		return &output{file: file, created: true}, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	// It is there: a file, a device, or a pipe, which somebody has to read.
	file, err = os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, fmt.Errorf("%w (a pipe that nobody reads)", err)
	}
	if err != nil {
		return nil, err
	}
	return &output{file: file}, nil
}

func (o *output) Write(b []byte) (int, error) {
	if !o.started {
		o.started = true
		if info, err := o.file.Stat(); err == nil && info.Mode().IsRegular() {
			if err := o.file.Truncate(0); err != nil {
				return 0, err
			}
		}
	}
	return o.file.Write(b)
}

// close closes the file, and removes it when it was made for nothing: when
// there was nothing to write, or what was written is not wanted.
func (o *output) close(wanted bool) {
	o.file.Close()
	if o.created && !(o.started && wanted) {
		os.Remove(o.file.Name())
	}
}
