package pathmanagertest

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// LockName is the file in os.TempDir that Alone locks (flock(2)).
const LockName = "allroads-path-manager-events.lock"

// patience is how long Alone waits for others.
const patience = 2 * time.Minute

// Alone makes a test wait until no other test of this machine listens to events
// of the path manager, and keeps others waiting until it ends. The kernel lets
// the userspace path manager accept announced addresses while anybody listens, in
// any network namespace: whoever listens, or needs that nobody does, calls Alone.
func Alone(t testing.TB) {
	t.Helper()
	file, err := openLock(filepath.Join(os.TempDir(), LockName))
	if err != nil {
		t.Fatalf("open the lock of tests of the path manager: %v", err)
	}
	t.Cleanup(func() { file.Close() })
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) || time.Now().After(end) {
			t.Fatalf("lock %s, which another test holds: %v", file.Name(), err)
		}
	}
}

// openLock opens the file of whoever made it: in a folder like /tmp nobody may
// create what is another's, not even root (sysctl fs.protected_regular).
func openLock(path string) (*os.File, error) {
	file, err := os.Open(path)
	if !errors.Is(err, os.ErrNotExist) {
		return file, err
	}
	file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDONLY, 0o444)
	if errors.Is(err, os.ErrExist) {
		return os.Open(path)
	}
	return file, err
}
