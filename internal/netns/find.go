package netns

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// FileOf returns the file of the namespace that a word means: one with a slash is
// a path, pid:N is the namespace of a process, any other a name that `ip netns`
// knows.
func FileOf(word string) string {
	if strings.Contains(word, "/") {
		return word
	}
	if pid, ok := strings.CutPrefix(word, "pid:"); ok {
		if _, err := strconv.ParseUint(pid, 10, 31); err == nil {
			return "/proc/" + pid + "/ns/net"
		}
	}
	return filepath.Join(NameDir, word)
}

// ErrNoNetNS is wrapped by the error when a file is no network namespace.
var ErrNoNetNS = errors.New("not a network namespace")

// Find opens the namespace that a word means, as FileOf has it.
func Find(word string) (*NS, error) {
	ns, err := Open(FileOf(word))
	if err != nil {
		return nil, err
	}
	if err := ns.use(checkType); err != nil {
		ns.Close()
		return nil, fmt.Errorf("open network namespace %s: %w", word, err)
	}
	return ns, nil
}

// checkType needs no rights in the namespace, as to enter it would.
func checkType(fd int) error {
	if kind, err := unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE); err != nil || kind != unix.CLONE_NEWNET {
		return ErrNoNetNS
	}
	return nil
}

// Own returns the inode of the caller's own namespace.
func Own() (uint64, error) {
	inode, err := inodeAt("/proc/thread-self/ns/net")
	if err != nil {
		return 0, fmt.Errorf("find own network namespace: %w", err)
	}
	return inode, nil
}

// IsAt reports whether a file is the namespace with an inode.
func IsAt(file string, inode uint64) bool {
	found, err := inodeAt(file)
	return err == nil && found == inode
}

// inodeAt returns the inode of the namespace that a file is.
func inodeAt(file string) (uint64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(file, &fs); err != nil {
		return 0, err
	}
	if fs.Type != unix.NSFS_MAGIC {
		return 0, ErrNoNetNS
	}
	var status unix.Stat_t
	err := unix.Stat(file, &status)
	return status.Ino, err
}
