package daemon

import (
	"sync"

	"allroads/pathmanager"
)

// queueBound is how many events may wait for a worker, beside those that wait in the
// kernel. Where both are full the kernel drops events, and says so: then the worker asks
// for what is there, which is quicker than to go through all that has happened.
const queueBound = 1 << 16

// queue takes events as fast as the kernel gives them, for a worker that has other
// things to do.
type queue struct {
	wake chan struct{} // full where something waits

	mutex  sync.Mutex
	room   sync.Cond // events were taken
	events []pathmanager.Event
	closed bool
}

func newQueue() *queue {
	q := &queue{wake: make(chan struct{}, 1)}
	q.room.L = &q.mutex
	return q
}

// put adds an event. It waits while the queue is full.
func (q *queue) put(event pathmanager.Event) {
	q.mutex.Lock()
	for len(q.events) >= queueBound && !q.closed {
		q.room.Wait()
	}
	q.events = append(q.events, event)
	q.mutex.Unlock()
	wake(q.wake)
}

// take returns what waits, in order, and keeps the space of an earlier batch for what
// comes next.
func (q *queue) take(space []pathmanager.Event) []pathmanager.Event {
	clear(space) // What its events point to is not to be kept alive.
	q.mutex.Lock()
	defer q.mutex.Unlock()
	events := q.events
	q.events = space[:0]
	q.room.Broadcast()
	return events
}

// close lets whoever puts go on.
func (q *queue) close() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.closed = true
	q.room.Broadcast()
}

// wake leaves a note in a channel with room for one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
