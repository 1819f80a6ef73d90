package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
)

// maxSize of a file. What is larger is no configuration.
const maxSize = 1 << 20

// read reads a file, which has to be a regular one, behind links too, that belongs to root
// or to this process's user, and that not everyone may write: who can say what allroadsd does can lead the traffic of all.
func read(name string) ([]source, error) {
	if name == "" {
		return nil, nil
	}
	// A FIFO without a writer would hold us.
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil {
		err = trusted(info)
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(io.LimitReader(file, maxSize+1))
	}
	if err == nil && len(text) > maxSize {
		err = fmt.Errorf("larger than %d bytes", maxSize)
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", name, err)
	}
	return []source{{name, text}}, nil
}

func trusted(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	return closed(info)
}

// closed reports whether others than root, or the user that this process has, and a group
// of theirs may write.
func closed(info fs.FileInfo) error {
	if s, ok := info.Sys().(*syscall.Stat_t); ok && !ours(s.Uid) {
		return fmt.Errorf("it belongs to user %d: chown root", s.Uid)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("everyone may write it (mode %04o): chmod o-w", info.Mode().Perm())
	}
	return nil
}

// overflow is how files of users that a user namespace has no number for look inside of it
// (/proc/sys/kernel/overflowuid). Root outside may be one of them.
const overflow = 65534

func ours(uid uint32) bool {
	return uid == 0 || int(uid) == os.Geteuid() || uid == overflow && !allUsers()
}

// allUsers reports whether every user has a number here, as outside of user namespaces.
func allUsers() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	return err != nil || slices.Equal(strings.Fields(string(text)), []string{"0", "0", "4294967295"})
}

// mayChange refuses a folder in which everyone may put files.
func mayChange(dir string) error {
	info, err := os.Stat(dir)
	if err == nil {
		err = closed(info)
	}
	if err != nil {
		return fmt.Errorf("read configuration %s: %w", dir, err)
	}
	return nil
}
