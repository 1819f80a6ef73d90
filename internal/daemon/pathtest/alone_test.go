package pathtest_test

import (
	"sync"
	"testing"

	"allroads/pathmanager/pathmanagertest"
)

// listening is held by all tests of this package that run at the same time.
var listening struct {
	sync.Mutex
	tests int
	held  *holding
}

// holding is a test that ends with the last of those that share it.
type holding struct {
	testing.TB
	cleanup []func()
}

func (h *holding) Cleanup(f func()) { h.cleanup = append(h.cleanup, f) }

// alone keeps tests of other packages from listening to events of the path manager, or
// from needing that nobody does, while t runs; not those of this one.
func alone(t testing.TB) {
	t.Helper()
	listening.Lock()
	defer listening.Unlock()
	if listening.tests == 0 {
		listening.held = &holding{TB: t}
		pathmanagertest.Alone(listening.held)
	}
	listening.tests++
	t.Cleanup(func() {
		listening.Lock()
		defer listening.Unlock()
		if listening.tests--; listening.tests > 0 {
			return
		}
		for _, f := range listening.held.cleanup {
			f()
		}
	})
}
