// Package metered tells of which interfaces NetworkManager says that traffic costs.
//
// It is asked over the system bus, hears of changes, and is otherwise left alone: nothing
// is asked regularly, and NetworkManager is not started for it. Where there is no bus, or
// no NetworkManager, nothing is known, which is no mistake and not told; either may come
// at any time. A NetworkManager of another network namespace, whose interfaces are others
// of the same names, is not listened to, as far as can be seen where it is.
//
// What others send is bounded: in time, in size and in number. All of it happens in
// goroutines of this package; who asks for what is known never waits.
package metered

import (
	"context"
	"maps"
	"sync"
)

// Watch knows what NetworkManager says.
type Watch struct {
	changed   func()
	addresses []address
	ready     chan struct{} // closed when something is known, or that nothing is
	over      chan struct{}
	stop      context.CancelFunc

	mutex sync.Mutex
	known map[string]bool // by name of interface
}

// Start begins to listen at the system bus, DBUS_SYSTEM_BUS_ADDRESS where that is set.
// After each change of what Of returns, changed is called, from another goroutine; it must
// not wait for anything. Close ends it.
func Start(changed func()) *Watch { return start(systemBus(), changed) }

func start(addresses []address, changed func()) *Watch {
	ctx, stop := context.WithCancel(context.Background())
	w := &Watch{
		changed: changed, addresses: addresses, stop: stop,
		ready: make(chan struct{}), over: make(chan struct{}),
	}
	go w.run(ctx)
	return w
}

// Of tells whether traffic over an interface costs, by its name. It is nil where that is
// not known: nobody says so.
func (w *Watch) Of(name string) *bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	is, known := w.known[name]
	if !known {
		return nil
	}
	return &is
}

// Ready is closed once NetworkManager was asked about all interfaces, or cannot be.
func (w *Watch) Ready() <-chan struct{} { return w.ready }

// Close ends it, and waits for that. What was known is forgotten.
func (w *Watch) Close() {
	w.stop()
	<-w.over
}

// learn takes what is known now.
func (w *Watch) learn(known map[string]bool) {
	w.mutex.Lock()
	same := maps.Equal(w.known, known)
	w.known = known
	w.mutex.Unlock()
	if !same {
		w.changed()
	}
}

// settled is called when there is nothing more to wait for at the start.
func (w *Watch) settled() {
	select {
	case <-w.ready:
	default:
		close(w.ready)
	}
}
