package api

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listener is the socket where allroadsd is asked.
type Listener struct {
	*net.UnixListener
	path string
	made os.FileInfo
	gid  int    // whose members may ask, -1: none
	note string // why none may
}

// ErrTaken is that somebody listens already.
var ErrTaken = errors.New("somebody listens there: is another allroadsd running?")

// longestPath is what sockaddr_un has room for, without the zero at its end.
const longestPath = 107

// Listen makes the socket: for its owner, and for a group where it exists. In the place
// of one that is dead it comes at once, so that nobody finds nothing; one that is alive
// stays, and the error wraps ErrTaken.
func Listen(path, group string) (*Listener, error) {
	l, err := listen(path, group)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	return l, nil
}

func listen(path, group string) (*Listener, error) {
	folder, name := filepath.Split(path)
	// Nobody finds the socket by this name; and before it listens, nobody can connect to
	// it. So there is no moment at which its mode, as bind makes it, is of use to anybody.
	hidden := filepath.Join(folder, "."+name)
	if name == "" || len(hidden) > longestPath {
		return nil, fmt.Errorf("not a path of 1 to %d bytes to a file", longestPath-1)
	}
	folder = filepath.Clean(folder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	defer lock(folder)()
	if err := free(path); err != nil {
		return nil, err
	}
	if err := os.Remove(hidden); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l := &Listener{path: path}
	l.gid, l.note = groupID(group)
	socket, err := l.bind(hidden)
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	return l, l.show(socket, hidden)
}

// groupID looks a group up.
func groupID(name string) (gid int, note string) {
	if name == "" {
		return -1, ""
	}
	group, err := user.LookupGroup(name)
	if err != nil {
		return -1, "there is no group " + name + ": only root may ask"
	}
	gid, err = strconv.Atoi(group.Gid)
	if err != nil {
		return -1, fmt.Sprintf("group %s has the odd number %q: only root may ask", name, group.Gid)
	}
	return gid, ""
}

// bind makes the socket, not listening yet, with the owners and the mode that it is to have.
func (l *Listener) bind(path string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("make socket: %w", err)
	}
	socket := os.NewFile(uintptr(fd), path)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		socket.Close()
		return nil, fmt.Errorf("bind: %w", err)
	}
	if err := l.give(path); err != nil {
		socket.Close()
		os.Remove(path)
		return nil, err
	}
	return socket, nil
}

// give lets the group use the socket. Where it cannot be given to the group, as without
// CAP_CHOWN, it is better to be asked by root alone than not to be.
func (l *Listener) give(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if l.gid >= 0 && int(info.Sys().(*syscall.Stat_t).Gid) != l.gid {
		if err := os.Lchown(path, -1, l.gid); err != nil {
			l.gid, l.note = -1, fmt.Sprintf("only root may ask: %v", err)
		}
	}
	mode := fs.FileMode(0o600)
	if l.gid >= 0 {
		mode = 0o660
	}
	return os.Chmod(path, mode)
}

// backlog is how many clients may wait to be accepted.
const backlog = 128

// show begins to listen, and gives the socket its name.
func (l *Listener) show(socket *os.File, hidden string) error {
	err := unix.Listen(int(socket.Fd()), backlog)
	if err == nil {
		l.made, err = os.Lstat(hidden)
	}
	var listener net.Listener
	if err == nil {
		listener, err = net.FileListener(socket)
	}
	if err == nil {
		l.UnixListener = listener.(*net.UnixListener)
		err = os.Rename(hidden, l.path)
	}
	if err != nil {
		os.Remove(hidden)
	}
	return err
}

// Close ends listening, and removes the socket if it is still this one.
func (l *Listener) Close() error {
	if info, err := os.Lstat(l.path); err == nil && os.SameFile(info, l.made) {
		os.Remove(l.path)
	}
	return l.UnixListener.Close()
}
