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

	"golang.org/x/sys/unix"
)

func (f folder) socket(name string) string { return filepath.Join(string(f), name) }

// recordOf is the file that lists the lab's namespaces.
func (f folder) recordOf(name string) string { return filepath.Join(string(f), "."+name) }

// longestPath is what a socket's address has room for, with the 0 at its end.
const longestPath = len(unix.RawSockaddrUnix{}.Path) - 1

func (f folder) address(name string) (*net.UnixAddr, error) {
	path := f.socket(name)
	if len(path) > longestPath {
		return nil, fmt.Errorf("socket %s: the path has %d bytes, and may have %d: set XDG_RUNTIME_DIR to a shorter one",
			path, len(path), longestPath)
	}
	return &net.UnixAddr{Name: path, Net: "unix"}, nil
}

// errTaken is that a lab has the name.
var errTaken = errors.New("a lab of this name is up: `allroads lab down` it, or give the new one another --name")

// listen takes a name for a lab.
func (f folder) listen(name string) (listener *net.UnixListener, err error) {
	address, err := f.address(name)
	if err != nil {
		return nil, err
	}
	err = f.locked(func() error {
		if f.alive(name) {
			return errTaken
		}
		f.remove(name)
		listener, err = net.ListenUnix("unix", address)
		return err
	})
	if listener != nil {
		listener.SetUnlinkOnClose(false)
	}
	return listener, err
}

// leave gives a lab's name up.
func (f folder) leave(name string, listener *net.UnixListener) {
	_ = f.locked(func() error {
		listener.Close()
		f.remove(name)
		return nil
	})
}

func (f folder) remove(name string) {
	_ = os.Remove(f.recordOf(name))
	_ = os.Remove(f.socket(name))
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

// record writes down which processes are the lab's, for whoever finds it dead.
func (f folder) record(name string, spaces *namespaces) error {
	return os.WriteFile(f.recordOf(name), []byte(spaces.text()), 0o600)
}

// forget cleans up after labs that were killed together with the process that
// watched over them.
func (f folder) forget() error {
	if _, err := os.Lstat(string(f)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return f.locked(func() error {
		for _, name := range f.names() {
			if f.alive(name) {
				continue
			}
			text, _ := os.ReadFile(f.recordOf(name)) // None: it was killed early.
			killIn(strings.Split(strings.TrimSpace(string(text)), "\n"))
			f.remove(name)
		}
		return nil
	})
}

// names are those of all sockets.
func (f folder) names() (names []string) {
	entries, _ := os.ReadDir(string(f))
	for _, entry := range entries {
		if entry.Type() == fs.ModeSocket {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names
}
