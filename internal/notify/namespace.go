package notify

import (
	"os"
	"strconv"

	"allroads/internal/netns"
	"allroads/internal/seccomp"

	"golang.org/x/sys/unix"
)

// place is a network namespace; the zero one is unknown.
type place struct{ device, inode uint64 }

// home is the network namespace of the thread that answers.
type home struct {
	place
	// back is a descriptor of it when the thread may return there, else -1: who is
	// root of a user namespace only may leave namespaces that are not of that.
	back int
}

// findHome is that of the calling thread.
func findHome() home {
	h := home{back: -1}
	// In a PID namespace whose /proc is that of another, numbers mean others there.
	if self, err := os.Readlink("/proc/self"); err != nil || self != strconv.Itoa(os.Getpid()) {
		return h
	}
	const own = "/proc/thread-self/ns/net"
	h.place, _ = placeAt(own)
	if fd, err := unix.Open(own, unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		if unix.Setns(fd, unix.CLONE_NEWNET) == nil {
			h.back = fd
		} else {
			unix.Close(fd)
		}
	}
	return h
}

func (h home) close() {
	if h.back >= 0 {
		unix.Close(h.back)
	}
}

func placeAt(path string) (place, error) {
	var status unix.Stat_t
	if err := unix.Stat(path, &status); err != nil {
		return place{}, err
	}
	return place{uint64(status.Dev), uint64(status.Ino)}, nil
}

// elsewhere is why no socket could be made in the namespace of a caller.
type elsewhere string

func (e elsewhere) Error() string { return string(e) }

// in runs fn in the network namespace of the caller, or says why not. It is looked up for
// each call, which takes 2 µs: threads may change theirs whenever they want. When the
// number of a thread that is gone means another by now, what fn makes is for nobody: the
// kernel goes by the ID of the call.
func (s *server) in(n *seccomp.Notification, fn func()) error {
	if s.home.place == (place{}) || n.PID == 0 {
		return elsewhere("the program's network namespace cannot be seen (another PID namespace, or no /proc)")
	}
	path := "/proc/" + strconv.Itoa(int(n.PID)) + "/ns/net"
	switch p, err := placeAt(path); {
	case err != nil:
		return elsewhere("the program's network namespace cannot be seen: " + err.Error())
	case p == s.home.place:
		fn()
		return nil
	}
	if s.there(path, fn) != nil {
		return elsewhere("in a network namespace that may not be entered")
	}
	return nil
}

// there runs fn in another namespace.
func (s *server) there(path string, fn func()) error {
	if s.home.back < 0 {
		return onOtherThread(path, fn)
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		return err
	}
	fn()
	if unix.Setns(s.home.back, unix.CLONE_NEWNET) != nil {
		// It was possible before. Home is here from now on.
		s.home.close()
		s.home = findHome()
	}
	return nil
}

// onOtherThread does it on a thread that is thrown away, which takes some 100 µs.
func onOtherThread(path string, fn func()) error {
	ns, err := netns.Open(path)
	if err != nil {
		return err
	}
	defer ns.Close()
	return ns.Do(func() error {
		fn()
		return nil
	})
}
