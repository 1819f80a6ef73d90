package netns

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// NameDir is where ip-netns(8) keeps its names.
const NameDir = "/run/netns"

// prepareNameDir does to NameDir what `ip netns add` does: it makes it a mount
// point whose mounts are shared with other mount namespaces. Names that were
// made before that happened could not be removed after it, because the
// directory that `ip netns add` then binds over itself would hide their mounts.
func prepareNameDir() error {
	if err := os.MkdirAll(NameDir, 0o755); err != nil {
		return err
	}
	dir, err := os.Open(NameDir)
	if err != nil {
		return err
	}
	defer dir.Close()
	// ip-netns(8) takes the same lock, so that only one binds the directory.
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	err = share(NameDir)
	if !errors.Is(err, unix.EINVAL) {
		return err
	}
	if err := unix.Mount(NameDir, NameDir, "none", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	return share(NameDir)
}

// share fails with EINVAL when path is no mount point.
func share(path string) error {
	return unix.Mount("", path, "none", unix.MS_SHARED|unix.MS_REC, "")
}
