package daemon

import (
	"os"
	"slices"
	"time"

	"allroads/internal/config"
	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// namespaces tells when to look again which namespaces there are: when a name comes or
// goes; and from time to time, where some may have none, or are missing.
type namespaces struct {
	slow    bool
	notes   *os.File // inotify; nil: none
	noted   chan struct{}
	alarm   alarm
	hurried int // looks since a name came
}

// slowLook is between looks for namespaces of which nothing tells.
const slowLook = 10 * time.Second

// hurries are the times of looks after a name came: it is a file first, and a namespace
// a moment later, of which there is no news.
var hurries = []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second}

func newNamespaces(s *server) *namespaces {
	n := &namespaces{noted: make(chan struct{}, 1), hurried: len(hurries)}
	n.looked(s)
	return n
}

// watch hears of names, once it is needed.
func (n *namespaces) watch() {
	if n.notes != nil {
		return
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return
	}
	_ = os.MkdirAll(netns.NameDir, 0o755) // As ip-netns(8) makes it.
	if _, err := unix.InotifyAddWatch(fd, netns.NameDir, unix.IN_CREATE|unix.IN_DELETE|unix.IN_MOVED_TO|unix.IN_MOVED_FROM); err != nil {
		unix.Close(fd)
		return
	}
	n.notes = os.NewFile(uintptr(fd), "inotify")
	go hearNames(n.notes, n.noted)
}

func hearNames(notes *os.File, noted chan<- struct{}) {
	buffer := make([]byte, 4096)
	for {
		if _, err := notes.Read(buffer); err != nil {
			return
		}
		select {
		case noted <- struct{}{}:
		default:
		}
	}
}

// changed begins a series of looks.
func (n *namespaces) changed() {
	n.hurried = 0
	n.next(time.Now())
}

// looked settles when the next look is.
func (n *namespaces) looked(s *server) {
	n.alarm.rang()
	words := wordsOr(s.namespaces, s.current())
	s.mutex.Lock()
	troubled := len(s.troubles) > 0
	s.mutex.Unlock()
	n.slow = troubled || slices.Contains(words, config.AllWithMPTCP)
	if slices.ContainsFunc(words, func(word string) bool { return word != config.Host }) {
		n.watch()
	}
	n.next(time.Now())
}

func (n *namespaces) next(now time.Time) {
	switch {
	case n.hurried < len(hurries):
		n.alarm.set(now.Add(hurries[n.hurried]), true)
		n.hurried++
	case n.slow:
		n.alarm.set(now.Add(slowLook), true)
	default:
		n.alarm.set(time.Time{}, false)
	}
}

func (n *namespaces) close() {
	n.alarm.set(time.Time{}, false)
	if n.notes != nil {
		n.notes.Close()
	}
}
