package metered

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// Bounds of what is remembered of others' objects.
const (
	maxNoted   = 1024 // devices that have changed: with more, all are asked about
	maxDevices = 4096
)

// settle is the least time between rounds of questions, however fast signals come.
const settle = 50 * time.Millisecond

// inbox keeps what signals were about until there is time to ask. A signal is only taken
// for a reason to ask, so that the order of signals and answers means nothing.
type inbox struct {
	wake chan struct{}

	mutex sync.Mutex
	from  string // whose signals count
	anew  bool   // everything may have changed
	noted map[dbus.ObjectPath]bool
}

func newInbox() *inbox {
	return &inbox{wake: make(chan struct{}, 1), noted: map[dbus.ObjectPath]bool{}}
}

// DeliverSignal is called by the connection, for one signal at a time.
func (i *inbox) DeliverSignal(iface, member string, s *dbus.Signal) {
	i.mutex.Lock()
	from := i.from
	i.mutex.Unlock()
	switch {
	case s.Sender == busName && iface == busName && member == ownerChanged:
		i.all()
	case from == "" || s.Sender != from:
	case iface == managerName && (member == deviceAdded || member == deviceRemoved):
		if path, ok := argument[dbus.ObjectPath](s, 0); ok {
			i.note(path)
		}
	case iface == propertyName && member == changedSignal && aboutMetered(s):
		i.note(s.Path)
	}
}

func argument[T any](s *dbus.Signal, i int) (value T, ok bool) {
	if i >= len(s.Body) {
		return value, false
	}
	value, ok = s.Body[i].(T)
	return value, ok
}

// aboutMetered tells whether properties have changed that matter. Others do so often.
func aboutMetered(s *dbus.Signal) bool {
	iface, _ := argument[string](s, 0)
	changed, _ := argument[map[string]dbus.Variant](s, 1)
	invalid, _ := argument[[]string](s, 2)
	return iface == deviceName && slices.ContainsFunc(properties, func(name string) bool {
		_, is := changed[name]
		return is || slices.Contains(invalid, name)
	})
}

// all has everything asked anew.
func (i *inbox) all() {
	i.mutex.Lock()
	i.anew = true
	clear(i.noted)
	i.mutex.Unlock()
	i.ring()
}

// note has a device asked about.
func (i *inbox) note(path dbus.ObjectPath) {
	i.keep(path)
	i.ring()
}

// again puts back what was not answered, to be asked when there is a reason to.
func (i *inbox) again(anew bool, paths []dbus.ObjectPath) {
	i.keep(paths...)
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.anew = i.anew || anew
}

func (i *inbox) keep(paths ...dbus.ObjectPath) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if !i.anew {
		for _, path := range paths {
			i.noted[path] = true
		}
		if len(i.noted) > maxNoted {
			i.anew = true
			clear(i.noted)
		}
	}
}

func (i *inbox) ring() {
	select {
	case i.wake <- struct{}{}:
	default:
	}
}

// listenTo has the signals of one connection count.
func (i *inbox) listenTo(owner string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.from = owner
}

// take empties it.
func (i *inbox) take() (anew bool, noted []dbus.ObjectPath) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	anew, noted = i.anew, slices.Collect(maps.Keys(i.noted))
	i.anew = false
	clear(i.noted)
	return anew, noted
}

// next waits for something to ask, or after failures for the time to ask again. It is
// false when one of the contexts has ended.
func (i *inbox) next(ctx, conn context.Context, failures int) bool {
	var again <-chan time.Time
	if failures > 0 {
		timer := time.NewTimer(waitAfter(failures))
		defer timer.Stop()
		again = timer.C
	}
	select {
	case <-i.wake:
		rest(ctx, settle)
	case <-again:
	case <-ctx.Done():
	case <-conn.Done():
	}
	return ctx.Err() == nil && conn.Err() == nil
}
