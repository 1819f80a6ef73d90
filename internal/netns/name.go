package netns

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// isName: by hand, since a compiled expression would cost each start of a program
// that links this package.
func isName(text string) bool {
	return text != "" && consists(text[:1], "") && consists(text, "._-")
}

// consists reports whether there are only letters, digits and some others in a
// text.
func consists(text, others string) bool {
	for _, r := range text {
		isLetter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !isLetter && !strings.ContainsRune(others, r) {
			return false
		}
	}
	return true
}

// Publish gives the namespace a name that `ip netns` and others know. The name
// keeps the namespace alive until Unpublish or `ip netns delete`. It fails with
// fs.ErrExist when the name is taken.
func (ns *NS) Publish(as string) error {
	if !isName(as) {
		return fmt.Errorf("name network namespace %q: letters, digits, '.', '_' and '-' only", as)
	}
	if err := prepareNameDir(); err != nil {
		return fmt.Errorf("name network namespace %s: %w", as, err)
	}
	path := filepath.Join(NameDir, as)
	file, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return fmt.Errorf("name network namespace %s: %w", as, err)
	}
	file.Close()
	if err := ns.use(func(fd int) error { return mountNamespace(fd, path) }); err != nil {
		os.Remove(path)
		return fmt.Errorf("name network namespace %s: %w", as, err)
	}
	return nil
}

func mountNamespace(fd int, path string) error {
	return unix.Mount(fmt.Sprintf("/proc/self/fd/%d", fd), path, "none", unix.MS_BIND, "")
}

// Unpublish takes a name away again. A name that is not there is no error.
func Unpublish(as string) error {
	if !isName(as) {
		return fmt.Errorf("remove network namespace name %q: not a name", as)
	}
	path := filepath.Join(NameDir, as)
	err := unix.Unmount(path, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("remove network namespace name %s: %w", as, err)
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("remove network namespace name %s: %w", as, err)
	}
	return nil
}

// IsPublished reports whether a name stands for the namespace with an inode
// number, or is what Publish leaves when it is interrupted: an empty file that
// no namespace is mounted on.
func IsPublished(as string, inode uint64) bool {
	var status unix.Stat_t
	if !isName(as) || unix.Lstat(filepath.Join(NameDir, as), &status) != nil {
		return false
	}
	if isNamespace(as) {
		return status.Ino == inode
	}
	return status.Size == 0 && status.Mode&unix.S_IFMT == unix.S_IFREG
}

func isNamespace(as string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(filepath.Join(NameDir, as), &fs) == nil && fs.Type == unix.NSFS_MAGIC
}

// Inode returns the number that tells this namespace from others that exist at
// the same time, as `ls -i` shows it.
func (ns *NS) Inode() (uint64, error) {
	var status unix.Stat_t
	if err := ns.use(func(fd int) error { return unix.Fstat(fd, &status) }); err != nil {
		return 0, fmt.Errorf("read inode of network namespace: %w", err)
	}
	return status.Ino, nil
}
