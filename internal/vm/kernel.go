package vm

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// kernel is a kernel's package, unpacked.
type kernel struct {
	image   string // vmlinuz
	release string // as uname -r says
	modules string // the directory of its modules
}

// cached returns the kernel of the user's cache directory, which is downloaded when
// it is not there. It stays until somebody deletes it. Of several processes one
// does it, and the others wait.
func cached() (*kernel, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(user, "allroads", "vm")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if err := verify(dir); err != nil {
		if err := download(dir); err != nil {
			return nil, err
		}
	}
	return unpacked(dir)
}

// The files of the cache directory.
const (
	packageFile = "linux.deb"
	sumFile     = "linux.deb.sha256"
	unpackedDir = "linux"
)

// verify holds the package against the sum that it came with.
func verify(dir string) error {
	want, err := os.ReadFile(filepath.Join(dir, sumFile))
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(dir, packageFile))
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)); got != strings.TrimSpace(string(want)) {
		return fmt.Errorf("%s has the SHA256 %s, not %s", file.Name(), got, want)
	}
	return nil
}

// download gets the package from the first suite that has it, and unpacks it.
func download(dir string) error {
	var failed []error
	for _, suite := range suites {
		err := downloadFrom(dir, suite)
		if err == nil {
			return nil
		}
		failed = append(failed, fmt.Errorf("download a kernel of %s: %w", suite, err))
	}
	return errors.Join(failed...)
}

func downloadFrom(dir, suite string) error {
	scratch, err := os.MkdirTemp(dir, "apt-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	a, err := newApt(scratch, suite)
	if err != nil {
		return err
	}
	path, sum, err := a.kernel()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, unpackedDir)); err != nil {
		return err
	}
	if err := os.Rename(path, filepath.Join(dir, packageFile)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, sumFile), []byte(sum+"\n"), 0o644); err != nil {
		return err
	}
	return verify(dir)
}

// unpacked unpacks the package unless that was done, and finds the kernel in it.
func unpacked(dir string) (*kernel, error) {
	tree := filepath.Join(dir, unpackedDir)
	if _, err := os.Stat(tree); err != nil {
		scratch := tree + ".new"
		if err := os.RemoveAll(scratch); err != nil {
			return nil, err
		}
		if out, err := exec.Command("dpkg-deb", "-x", filepath.Join(dir, packageFile), scratch).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("dpkg-deb -x %s: %w: %s", packageFile, err, out)
		}
		if err := os.Rename(scratch, tree); err != nil {
			return nil, err
		}
	}
	images, _ := filepath.Glob(filepath.Join(tree, "boot", "vmlinuz-*"))
	if len(images) != 1 {
		return nil, fmt.Errorf("unpack a kernel into %s: %d images: delete %s", tree, len(images), dir)
	}
	release := strings.TrimPrefix(filepath.Base(images[0]), "vmlinuz-")
	k := &kernel{image: images[0], release: release}
	for _, top := range []string{"usr/lib", "lib"} {
		path := filepath.Join(tree, top, "modules", release)
		if _, err := os.Stat(path); err == nil {
			k.modules = path
		}
	}
	if k.modules == "" {
		return nil, fmt.Errorf("find the modules of %s in %s: delete %s", release, tree, dir)
	}
	return k, nil
}
