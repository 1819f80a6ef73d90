package metered

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// arrival hears when the socket of a bus, or a directory that leads there, is made. It is
// begun before the attempt to connect, so that none is missed.
type arrival struct {
	notes *os.File // inotify; nil: nothing tells
	names []string // of what may be made
}

// What is heard of a directory: what is made in it, and that it goes.
const (
	arrivalNews = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_ATTRIB
	arrivalEnd  = unix.IN_DELETE_SELF | unix.IN_MOVE_SELF
)

// hurries are between attempts after the socket was made: nobody listens there yet, and of
// that there is no news.
var hurries = []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second}

// expect begins to hear. Without any address that could come it hears nothing, for ever.
func expect(addresses []address) *arrival {
	a := &arrival{}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return a
	}
	for _, address := range addresses {
		if path := string(address); filepath.IsAbs(path) {
			a.add(fd, filepath.Clean(path))
		}
	}
	if len(a.names) == 0 && len(addresses) > 0 {
		unix.Close(fd)
		return a
	}
	a.notes = os.NewFile(uintptr(fd), "inotify")
	return a
}

// add watches the nearest directory above a socket that there is.
func (a *arrival) add(fd int, socket string) {
	for path := socket; ; {
		dir := filepath.Dir(path)
		_, err := unix.InotifyAddWatch(fd, dir, arrivalNews|arrivalEnd|unix.IN_ONLYDIR)
		switch {
		case errors.Is(err, fs.ErrNotExist) && dir != path:
			path = dir
			continue
		case err != nil:
			return
		}
		a.names = append(a.names, filepath.Base(path))
		if _, err := os.Lstat(path); path == socket || err != nil {
			return
		}
		path = socket // It was made in the meantime: there may be a nearer one.
	}
}

// possible tells whether there is anything that would be heard of.
func (a *arrival) possible() bool { return a.notes != nil }

// wait returns when something was made, or when the context ends.
func (a *arrival) wait(ctx context.Context) {
	stop := context.AfterFunc(ctx, a.close)
	defer stop()
	for buffer := make([]byte, 4096); ; {
		n, err := a.notes.Read(buffer)
		if err != nil || a.matters(buffer[:n]) {
			return
		}
	}
}

// matters reads what inotify(7) says: four numbers, then a name that zeros fill up.
func (a *arrival) matters(events []byte) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(events[4:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(events[12:]))
		if end > len(events) {
			return true
		}
		name := strings.TrimRight(string(events[unix.SizeofInotifyEvent:end]), "\x00")
		if mask&arrivalNews == 0 || slices.Contains(a.names, name) {
			return true
		}
		events = events[end:]
	}
	return false
}

func (a *arrival) close() {
	if a.notes != nil {
		a.notes.Close()
	}
}
