package pathmanager

import (
	"fmt"
	"iter"

	"golang.org/x/sys/unix"
)

// Batches yields what happens as Events does, all at once that waits, most events at a
// time where there are more. What is yielded is valid until the next batch. It ends, and
// begins again, as Events does.
func (l *Listener) Batches(most int) iter.Seq2[[]Event, error] {
	return func(yield func([]Event, error) bool) {
		var batch []Event
		for {
			clear(batch) // What its events point to is not to be kept alive.
			var err error
			batch, err = l.batch(batch[:0], max(most, 1))
			if l.closed.Load() || len(batch) > 0 && !yield(batch, nil) {
				return
			}
			if err != nil {
				yield(nil, fmt.Errorf("read events: %w", err))
				return
			}
		}
	}
}

// batch waits for an event, and takes those that wait behind it.
func (l *Listener) batch(batch []Event, most int) ([]Event, error) {
	for len(batch) < most {
		event, ok, err := l.waiting()
		switch {
		case err != nil:
			return batch, err
		case ok:
			batch = append(batch, event)
			continue
		case len(batch) == 0:
			err = l.receive()
		default:
			err = l.receiveMore()
		}
		if err == unix.EAGAIN {
			return batch, nil
		}
		if err != nil {
			return batch, err
		}
	}
	return batch, nil
}
