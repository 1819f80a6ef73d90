package lifetest_test

import (
	"sync"
	"testing"

	"allroads/pathmanager/pathmanagertest"
)

// listening is held by all tests of this package that run at the same time: allroadsd
// listens to events of the path manager, which others have to know of.
var listening struct {
	sync.Mutex
	tests int
	held  *holder
}

// holder is a test that ends when the last of several does.
type holder struct {
	testing.TB
	cleanup []func()
}

func (h *holder) Cleanup(f func()) { h.cleanup = append(h.cleanup, f) }

// alone keeps tests of other packages from listening while t runs, but not those of
// this one.
func alone(t *testing.T) {
	t.Helper()
	listening.Lock()
	defer listening.Unlock()
	if listening.tests == 0 {
		listening.held = &holder{TB: t}
		pathmanagertest.Alone(listening.held)
	}
	listening.tests++
	t.Cleanup(release)
}

func release() {
	listening.Lock()
	defer listening.Unlock()
	if listening.tests--; listening.tests > 0 {
		return
	}
	for _, f := range listening.held.cleanup {
		f()
	}
}
