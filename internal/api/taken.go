package api

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock keeps others that want to listen in a folder waiting until it is undone. Anybody
// who can read the folder can hold the lock; so it is not waited for long.
func lock(folder string) (unlock func()) {
	f, err := os.Open(folder)
	if err != nil {
		return func() {}
	}
	for range 20 {
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return func() { f.Close() }
}

// free reports whether a socket may take the name: of nothing, or of a dead one.
func free(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("there is a file that is not a socket: remove it, or listen elsewhere")
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
	}
	switch {
	case errors.Is(err, unix.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil, errors.Is(err, unix.EAGAIN): // One that is too busy to take more is alive.
		return ErrTaken
	}
	return fmt.Errorf("ask who listens: %w", err)
}
