package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	case os.Getenv("XDG_RUNTIME_DIR") != "":
		return folder(filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "allroads")), nil
	}
	return folder(fmt.Sprintf("/tmp/allroads-%d", os.Getuid())), nil
}

func (f folder) socket(name string) string { return filepath.Join(string(f), name) }

// make makes the folder, which has to be nobody else's.
func (f folder) make() error {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o755); err != nil {
		return err
	}
	err := os.Mkdir(string(f), 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.check()
}

func (f folder) check() error {
	info, err := os.Lstat(string(f))
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t).Uid
	if !info.IsDir() || int(owner) != os.Geteuid() || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("folder %s: not one that only this user can use: remove it", f)
	}
	return nil
}

// locked does something while nobody else does.
func (f folder) locked(do func() error) error {
	for {
		if err := f.make(); err != nil {
			return err
		}
		dir, err := os.Open(string(f))
		if errors.Is(err, fs.ErrNotExist) {
			continue // Somebody was the last to leave it.
		}
		if err != nil {
			return err
		}
		var status unix.Stat_t
		err = unix.Flock(int(dir.Fd()), unix.LOCK_EX)
		if err == nil {
			err = unix.Fstat(int(dir.Fd()), &status)
		}
		if err == nil && status.Nlink == 0 {
			dir.Close()
			continue
		}
		if err == nil {
			err = do()
		}
		os.Remove(string(f)) // It stays when something is in it.
		dir.Close()
		return err
	}
}

// errTaken is that a lab has the name.
var errTaken = errors.New("a lab of this name is up: `allroads lab down` it, or give the new one another --name")

// listen takes a name for a lab.
func (f folder) listen(name string) (listener *net.UnixListener, err error) {
	err = f.locked(func() error {
		if f.alive(name) {
			return errTaken
		}
		_ = os.Remove(f.socket(name))
		listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: f.socket(name), Net: "unix"})
		return err
	})
	if listener != nil {
		listener.SetUnlinkOnClose(false)
	}
	return listener, err
}

// alive reports whether somebody listens on a name's socket.
func (f folder) alive(name string) bool {
	c, err := net.Dial("unix", f.socket(name))
	if err == nil {
		c.Close()
	}
	// One that is too busy to take more is alive.
	return err == nil || errors.Is(err, unix.EAGAIN)
}

// forget removes the sockets that nobody listens on.
func (f folder) forget() error {
	if _, err := os.Lstat(string(f)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return f.locked(func() error {
		for _, name := range f.names() {
			if !f.alive(name) {
				_ = os.Remove(f.socket(name))
			}
		}
		return nil
	})
}

// names are those of all sockets.
func (f folder) names() (names []string) {
	entries, _ := os.ReadDir(string(f))
	for _, entry := range entries {
		if entry.Type() == fs.ModeSocket && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names
}
