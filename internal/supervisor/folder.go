package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// folder holds the sockets of a user's labs, each called what the lab is. Who
// changes what is in it holds its lock.
type folder string

// ours is the folder of this process's user; a process that is root of a user
// namespace has to be told.
func ours() (folder, error) {
	privileged, err := netns.Privileged()
	switch {
	case err != nil:
		return "", err
	case privileged:
		return "/run/allroads/sockets", nil
	case filepath.IsAbs(os.Getenv("XDG_RUNTIME_DIR")): // Others do not count, says its specification.
		return folder(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "allroads")), nil
	}
	return folder(fmt.Sprintf("/tmp/allroads-%d", os.Getuid())), nil
}

// make makes the folder, which has to be nobody else's.
func (f folder) make() error {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o755); err != nil {
		return err
	}
	err := os.Mkdir(string(f), 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err = f.check(); errors.Is(err, fs.ErrNotExist) {
		return errRemoved
	}
	return err
}

func (f folder) check() error {
	info, err := os.Lstat(string(f))
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if !info.IsDir() || int(owner) != os.Geteuid() || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("folder %s: not one that only this user can use: remove it, or set XDG_RUNTIME_DIR to another", f)
	}
	return nil
}

// locked does something while nobody else does.
func (f folder) locked(do func() error) error {
	for {
		dir, err := f.lock()
		if errors.Is(err, errRemoved) {
			continue
		}
		if err != nil {
			return err
		}
		err = do()
		os.Remove(string(f)) // It stays when something is in it.
		dir.Close()
		return err
	}
}

// errRemoved is that the last one to leave the folder has removed it.
var errRemoved = errors.New("folder removed")

// lock locks the folder until the file is closed.
func (f folder) lock() (*os.File, error) {
	if err := f.make(); err != nil {
		return nil, err
	}
	dir, err := os.Open(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errRemoved
	}
	if err != nil {
		return nil, err
	}
	if err = unix.Flock(int(dir.Fd()), unix.LOCK_EX); err == nil {
		err = f.is(dir)
	}
	if err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}

// is finds out whether an open folder has its name still.
func (f folder) is(dir *os.File) error {
	opened, err := dir.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(string(f))
	if err != nil || !os.SameFile(opened, named) {
		return errRemoved
	}
	return nil
}
