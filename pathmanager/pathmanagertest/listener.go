package pathmanagertest

import (
	"iter"
	"sync"

	"allroads/pathmanager"
)

// Listener behaves as a pathmanager.Listener that hears what a test says. The
// zero value is ready for use.
type Listener struct {
	mu     sync.Mutex
	events []heard
	more   chan struct{} // made when somebody waits, closed when there is more
	closed bool
}

var _ pathmanager.EventSource = (*Listener)(nil)

type heard struct {
	event pathmanager.Event
	err   error
}

// Emit makes an event happen. It does not wait for anybody to read it.
func (l *Listener) Emit(event pathmanager.Event) { l.put(heard{event: event}) }

// Fail ends the events with an error, after those that were emitted before.
func (l *Listener) Fail(err error) { l.put(heard{err: err}) }

func (l *Listener) put(h heard) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, h)
	l.wake()
}

// Close ends the events; what was not read is lost.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.wake()
	return nil
}

func (l *Listener) wake() {
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

// Events yields what was emitted, until Close.
func (l *Listener) Events() iter.Seq2[pathmanager.Event, error] {
	return func(yield func(pathmanager.Event, error) bool) {
		for {
			next, ok := l.next()
			if !ok || !yield(next.event, next.err) || next.err != nil {
				return
			}
		}
	}
}

// Batches yields what was emitted, most events at a time, until Close.
func (l *Listener) Batches(most int) iter.Seq2[[]pathmanager.Event, error] {
	return func(yield func([]pathmanager.Event, error) bool) {
		for {
			batch, err, ok := l.batch(max(most, 1))
			if !ok || len(batch) > 0 && !yield(batch, nil) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// batch waits for an event, and takes those behind it.
func (l *Listener) batch(most int) (batch []pathmanager.Event, err error, ok bool) {
	for {
		next, ok := l.next()
		if !ok || next.err != nil {
			return batch, next.err, ok
		}
		if batch = append(batch, next.event); len(batch) == most || !l.some() {
			return batch, nil, true
		}
	}
}

func (l *Listener) some() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events) > 0 && !l.closed
}

func (l *Listener) next() (heard, bool) {
	for {
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return heard{}, false
		}
		if len(l.events) > 0 {
			next := l.events[0]
			l.events = l.events[1:]
			l.mu.Unlock()
			return next, true
		}
		if l.more == nil {
			l.more = make(chan struct{})
		}
		more := l.more
		l.mu.Unlock()
		<-more
	}
}
